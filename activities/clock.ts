/**
 * Time as the runner of activities needs it. The engine's `Clock` (and the virtual one of the test kit) is one;
 * this folder may not import the engine.
 */
export interface ActivityClock {
  /** Milliseconds since 1970 UTC. */
  now(): number
  /** Calls back once, at or after `at` (of `now()`); never inside this call. */
  schedule(at: number, callback: () => void): { cancel(): void }
}
