/**
 * Time as the engine knows it. `systemClock` is the machine's; scenarios hand in a virtual one
 * (`testing/virtual-clock.ts`), on which a wait of thirty days takes no time.
 */
export interface Clock {
  /** Milliseconds since 1970 UTC; what events are stamped with. */
  now(): number
  /** Milliseconds of a clock that never jumps; leases and observers count on this one. */
  monotonic(): number
  /** Calls back once, at or after `at` (of `now()`); never inside this call. */
  schedule(at: number, callback: () => void): TimerHandle
}

export interface TimerHandle {
  cancel(): void
}

/** setTimeout holds 32 bits; a longer wait is taken in pieces. */
const longestTimeoutMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(at, callback) {
    let timer: NodeJS.Timeout
    const arm = () => {
      const delay = Math.max(0, at - Date.now())
      timer = delay > longestTimeoutMs ? setTimeout(arm, longestTimeoutMs) : setTimeout(callback, delay)
    }
    arm()
    return { cancel: () => clearTimeout(timer) }
  },
}
