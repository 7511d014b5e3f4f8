/**
 * How long evaluations leave room for everything else in the process: its other runs, its heartbeat, its answers. The
 * interpreter has neither clock nor timers, so who links a plan brings one (`engine/pace.ts`); without one an evaluation
 * runs through. Only when it goes on depends on it, never what it gives (keeps I3). Owns the contract alone.
 */
export interface Pace {
  /** Asked every thousand steps or so. A promise: go on when it resolves. */
  breathe(): Promise<void> | undefined
  /**
   * Asked once by an evaluation that turns out long. One at a time may hold what long ones hold in memory: 20 sorts of
   * 300,000 items at once took 2 GB. A promise: go on when it resolves. `endLong` must follow.
   */
  beginLong(): Promise<void> | undefined
  endLong(): void
}

export const noPace: Pace = {
  breathe: () => undefined,
  beginLong: () => undefined,
  endLong: () => undefined,
}
