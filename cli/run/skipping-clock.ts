/**
 * Time for `run --skip-time`: goes as the machine's does, and jumps to the next timer whenever the engine is quiet
 * and no activity runs. Owns the jumps; scenarios have a clock of their own that never moves by itself (`testing/`).
 */
import type { ActivityExecutor, Clock, EngineUnderTest, TimerHandle } from '../../engine/index.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** setTimeout holds 32 bits; a longer wait is cut, and looks again. */
const longestTimeoutMs = 2 ** 31 - 1

export class SkippingClock implements Clock {
  #skippedMs = 0
  /** Few: the engine keeps one timer for all waits of its runs. */
  readonly #timers = new Set<Timer>()
  #alarm: NodeJS.Timeout | undefined

  now(): number {
    return Date.now() + this.#skippedMs
  }

  monotonic(): number {
    return performance.now()
  }

  schedule(at: number, callback: () => void): TimerHandle {
    const timer = { at, callback }
    this.#timers.add(timer)
    this.#arm()
    return {
      cancel: () => {
        this.#timers.delete(timer)
        this.#arm()
      },
    }
  }

  /** Jumps for as long as the engine runs. */
  skip(engine: Pick<EngineUnderTest, 'quiet' | 'onEvents'>, attempts: WatchedAttempts): { stop(): void } {
    let stopped = false
    let looking = false
    const look = async () => {
      if (looking || stopped) return
      looking = true
      await engine.quiet()
      looking = false
      if (stopped || attempts.running > 0 || this.#timers.size === 0) return
      this.#jump()
      void look()
    }
    const unsubscribe = engine.onEvents(() => void look())
    return {
      stop: () => {
        stopped = true
        unsubscribe()
        clearTimeout(this.#alarm)
      },
    }
  }

  /** To the earliest timer, which then fires as one that is due does. */
  #jump(): void {
    const next = this.#next()
    if (next === undefined) return
    this.#skippedMs += Math.max(0, next.at - this.now())
    this.#fire()
  }

  #next(): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer
    return next
  }

  #arm(): void {
    clearTimeout(this.#alarm)
    const next = this.#next()
    if (next === undefined) return
    const delayMs = Math.min(Math.max(0, next.at - this.now()), longestTimeoutMs)
    this.#alarm = setTimeout(() => this.#fire(), delayMs)
  }

  #fire(): void {
    const now = this.now()
    const due = [...this.#timers].filter((timer) => timer.at <= now).sort((one, other) => one.at - other.at)
    for (const timer of due) if (this.#timers.delete(timer)) timer.callback()
    this.#arm()
  }
}

export interface WatchedAttempts {
  readonly executor: ActivityExecutor
  readonly running: number
}

/** Counts the attempts under way: while one runs, time goes as it does. */
export function watchAttempts(executor: ActivityExecutor): WatchedAttempts {
  const running = new Set<string>()
  const keyOf = (key: { readonly runId: string; readonly activityId: number }) =>
    `${key.runId} ${key.activityId}`
  return {
    get running() {
      return running.size
    },
    executor: {
      find: (activity, versionRange) => executor.find(activity, versionRange),
      versions: (activity) => executor.versions?.(activity) ?? [],
      dispatch(task, report) {
        running.add(keyOf(task))
        executor.dispatch(task, (outcome) => {
          running.delete(keyOf(task))
          report(outcome)
        })
      },
      isStarted: (key) => executor.isStarted(key),
      cancel: (key) => executor.cancel(key),
      forget(key) {
        running.delete(keyOf(key))
        executor.forget(key)
      },
      drainAttempts: (now) => executor.drainAttempts(now),
      stop: (graceMs) => executor.stop(graceMs),
    },
  }
}
