/** How many are drawn, and from which seed: by the environment, so that a failure can be replayed. */
export function drawn(byDefault: number): number {
  return Number(process.env['PERDURE_RUNS'] ?? byDefault)
}

export function replayable(numRuns: number): { numRuns: number; seed?: number; path?: string } {
  const seed = process.env['PERDURE_SEED']
  const path = process.env['PERDURE_PATH']
  return { numRuns, ...(seed ? { seed: Number(seed) } : {}), ...(path ? { path } : {}) }
}

/** The same draws every time, beside the random ones: what they must show together is not left to luck. */
export function fixed(numRuns: number, seed: number): { numRuns: number; seed: number } {
  return { numRuns, seed }
}

/** One failure is replayed: what all of them together must show cannot be asked. */
export const isReplay = (process.env['PERDURE_PATH'] ?? '') !== ''
