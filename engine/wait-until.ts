/**
 * A long poll: waits for something that this process may be told of, that else must be asked for, for at most so
 * long. Owns the waiting; ends with `otherwise` when the time is over or the caller hangs up.
 */
import type { Clock, TimerHandle } from './clock.ts'

export interface LongPoll<T> {
  readonly clock: Clock
  readonly waitMs: number
  readonly signal: AbortSignal | undefined
  readonly otherwise: T
  readonly pollMs: number
  /** Ask once right after listening: it may have happened before. */
  readonly pollFirst: boolean
  /** `found` ends the waiting, `again` asks at once. Gives what stops listening. */
  listen(found: (value: T) => void, again: () => void): () => void
  /** Null: not yet. */
  poll(): Promise<T | null>
}

export function waitUntil<T>(wait: LongPoll<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let open = true
    let asking = false
    let askAgain = false
    let timer: TimerHandle | null = null
    const end = (finish: () => void) => {
      if (!open) return
      open = false
      stopListening()
      deadline.cancel()
      timer?.cancel()
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
      if (open) timer = wait.clock.schedule(wait.clock.now() + wait.pollMs, () => void ask())
    }
    const again = () => {
      timer?.cancel()
      void ask()
    }
    const deadline = wait.clock.schedule(wait.clock.now() + wait.waitMs, () =>
      end(() => resolve(wait.otherwise)),
    )
    const stopListening = wait.listen((value) => end(() => resolve(value)), again)
    wait.signal?.addEventListener('abort', onAbort)
    if (wait.signal?.aborted === true) onAbort()
    else if (wait.pollFirst) void ask()
    else timer = wait.clock.schedule(wait.clock.now() + wait.pollMs, () => void ask())
  })
}
