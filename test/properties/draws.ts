/** How many are drawn, and from which seed: by the environment, so that a failure can be replayed. */
export function drawn(byDefault: number): number {
  return Number(process.env['PERDURE_RUNS'] ?? byDefault)
}

/**
 * The same draws every time, so that a check says the same twice; `PERDURE_SEED=random` draws others, and a failure
 * prints the seed and the path that replay it.
 */
const usualSeed = 20_261_121

export function replayable(numRuns: number): { numRuns: number; seed?: number; path?: string } {
  const seed = process.env['PERDURE_SEED'] ?? String(usualSeed)
  const path = process.env['PERDURE_PATH']
  return { numRuns, ...(seed === 'random' ? {} : { seed: Number(seed) }), ...(path ? { path } : {}) }
}

/** The same draws every time, beside the random ones: what they must show together is not left to luck. */
export function fixed(numRuns: number, seed: number): { numRuns: number; seed: number } {
  return { numRuns, seed }
}

/** One failure is replayed: what all of them together must show cannot be asked. */
export const isReplay = (process.env['PERDURE_PATH'] ?? '') !== ''
