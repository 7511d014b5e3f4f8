/**
 * A long poll: waits for something that this process may be told of, that else must be asked for, for at most so
 * long. Owns the waiting; ends with `otherwise` when the time is over or the caller hangs up.
 * The time is the caller's, so the machine's: a virtual clock must not be driven on by someone who waits.
 * All who pause equally long ask at the same moments, so that their questions can go to the store as one
 * (`gathering.ts`).
 */

/** setTimeout holds 32 bits. */
const longestTimeoutMs = 2 ** 31 - 1

/** The first pause of who waits for a run of another node, of which nobody here is told: most end soon or late. */
export const firstRemotePollMs = 10

export interface LongPoll<T> {
  readonly waitMs: number
  readonly signal: AbortSignal | undefined
  readonly otherwise: T
  readonly pollMs: number
  /** The first pause between two questions, which doubles up to `pollMs`. Absent: `pollMs`. */
  readonly firstPollMs?: number
  /** Ask once right after listening: it may have happened before. */
  readonly pollFirst: boolean
  /** `found` ends the waiting, `again` asks at once, `giveUp` ends it with `otherwise`. Gives what stops listening. */
  listen(found: (value: T) => void, again: () => void, giveUp: () => void): readonly (() => void)[]
  /** Null: not yet. */
  poll(): Promise<T | null>
}

export function waitUntil<T>(wait: LongPoll<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let open = true
    let asking = false
    let askAgain = false
    let timer: NodeJS.Timeout | undefined
    let pauseMs = Math.min(wait.firstPollMs ?? wait.pollMs, wait.pollMs)
    const end = (finish: () => void) => {
      if (!open) return
      open = false
      for (const stop of listening) stop()
      clearTimeout(deadline)
      clearTimeout(timer)
      wait.signal?.removeEventListener('abort', onAbort)
      finish()
    }
    const onAbort = () => end(() => resolve(wait.otherwise))
    const ask = async () => {
      if (!open) return
      askAgain = true
      if (asking) return
      asking = true
      try {
        while (open && askAgain) {
          askAgain = false
          const found = await wait.poll()
          if (found !== null) end(() => resolve(found))
        }
      } catch (thrown) {
        end(() => reject(thrown))
      } finally {
        asking = false
      }
      if (open) timer = setTimeout(() => void ask(), untilNext(pauseMs))
      pauseMs = Math.min(pauseMs * 2, wait.pollMs)
    }
    const again = () => {
      clearTimeout(timer)
      void ask()
    }
    const deadline = setTimeout(
      () => end(() => resolve(wait.otherwise)),
      Math.min(wait.waitMs, longestTimeoutMs),
    )
    const listening = wait.listen((value) => end(() => resolve(value)), again, onAbort)
    wait.signal?.addEventListener('abort', onAbort)
    if (wait.signal?.aborted === true) onAbort()
    else if (wait.pollFirst) void ask()
    else timer = setTimeout(() => void ask(), untilNext(pauseMs))
  })
}

/** To the next whole multiple of the pause, by the clock of this process; a timer that is early must not fire twice. */
function untilNext(pauseMs: number): number {
  return Math.ceil(pauseMs - (performance.now() % pauseMs)) + 1
}
