/**
 * A scenario again and again, with a crash at each point of the run that had none. Owns the comparison of these runs with
 * that one; where a crash may come, and what may differ, is `crash-everywhere.ts`.
 */
import { checkExpectations } from './check-expectations.ts'
import { crashPoints, differencesAfterCrash } from './crash-everywhere.ts'
import type { ScenarioDocument } from './documents.ts'
import type { Finding, Observation } from './observation.ts'
import { type Played, type PlayOptions, play } from './play.ts'
import type { Expectation, Scenario } from './scenario.ts'
import type { CrashPoint } from './store-life.ts'

/** Crashes of one scenario whose differences are told; a broken run differs everywhere. */
const crashesToldMaximum = 3

export interface ToldFinding {
  readonly finding: Finding
  readonly crash: CrashPoint | null
}

/** The same with a crash at each point, held against the one without. Adds what differed; gives how many crashed. */
export async function playWithCrashes(
  scenario: Scenario,
  documents: readonly ScenarioDocument[],
  playing: PlayOptions,
  plain: Played,
  told: ToldFinding[],
): Promise<number> {
  let crashes = 0
  let pointsTold = 0
  for (const crash of crashPoints(plain.commits)) {
    const run = await play(scenario, documents, crash, playing)
    crashes += run.crashed ? 1 : 0
    // How turns of several executions share commits is a matter of timing: the last one may not come.
    const mustCrash = plain.seen.isAlone
    const findings = [
      ...run.seen.findings,
      ...checkExpectations(comparableWith(scenario.expect, plain.seen), run.seen, documents),
      ...differencesAfterCrash(scenario, documents, plain.seen, run.seen),
      ...(run.crashed || !mustCrash
        ? []
        : [{ path: scenario.path, message: 'the run never came to the crash' }]),
    ]
    told.push(...findings.map((finding) => ({ finding, crash })))
    if (findings.length > 0) pointsTold += 1
    if (pointsTold >= crashesToldMaximum) break
  }
  return crashes
}

/** What several executions do at one instant has no order; that each did the same as before is compared elsewhere. */
function comparableWith(expect: Expectation, plain: Observation): Expectation {
  if (plain.isAlone) return expect
  const { calls: _calls, compensations: _compensations, ...rest } = expect
  return rest
}
