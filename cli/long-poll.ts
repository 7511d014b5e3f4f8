/**
 * Waiting on a server for as long as it takes, in one long poll after another. Owns the pace and the patience: a server
 * that is not there is told at once, one that goes away while somebody waits may be starting anew. Called by `result`,
 * `start --wait` and `update`.
 */
import { setTimeout } from 'node:timers/promises'

/** One long poll asks for so much; the server may answer sooner. */
const windowMs = 30_000
/** A server that is stopping answers at once; it is not asked again at once. */
const shortestWindowMs = 100

export async function longPoll<Answer>(
  ask: (options: { readonly waitMs: number; readonly patient: boolean }) => Promise<Answer | null>,
): Promise<Answer> {
  for (let patient = false; ; patient = true) {
    const startedMs = performance.now()
    const answer = await ask({ waitMs: windowMs, patient })
    if (answer !== null) return answer
    await setTimeout(Math.max(0, shortestWindowMs - (performance.now() - startedMs)))
  }
}
