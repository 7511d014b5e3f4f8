/**
 * Random workflows on the engine: the same outcome with and without crashes. `engine.test.ts` draws a few of them,
 * `engine.full.ts` a thousand.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { interpreter, type Json, loadDocument } from '../../engine/index.ts'
import { nextRandom, seedFrom } from '../../interpreter/values/random.ts'
import {
  crashPoints,
  describeCrash,
  differencesAfterCrash,
  withoutIds,
} from '../../testing/crash-everywhere.ts'
import type { ScenarioDocument } from '../../testing/documents.ts'
import type { Observation } from '../../testing/observation.ts'
import { type PlayOptions, play } from '../../testing/play.ts'
import type { Scenario } from '../../testing/scenario.ts'
import type { CrashPoint } from '../../testing/store-life.ts'
import { openStores } from '../../testing/stores.ts'
import { VisitRecorder } from '../../testing/visits.ts'
import { type Family, randomFamily } from './documents.ts'
import type { replayable } from './draws.ts'
import { assertEvents } from './invariants.ts'
import { randomScenario } from './scenarios.ts'

/** Runs with a crash for each random workflow, at points drawn from all of them. */
const crashesEach = 2

export async function assertSameWithCrashes(
  draws: ReturnType<typeof replayable>,
): Promise<{ readonly statuses: ReadonlyMap<string, number> }> {
  const statuses = new Map<string, number>()
  const stores = await openStores('memory')
  await fc.assert(
    fc.asyncProperty(randomFamily, fc.nat(), async (family, seed) => {
      // One per family: what is linked is kept with it.
      const options: PlayOptions = { stores, interpreter: new VisitRecorder().watch(interpreter) }
      const documents = family.map(documentOf)
      const scenario = randomScenario(family, String(seed))
      const plain = await play(scenario, documents, null, options)
      statuses.set(plain.seen.status, (statuses.get(plain.seen.status) ?? 0) + 1)
      assertNoTrouble(plain.seen, null)
      for (const point of someOf(crashPoints(plain.commits), crashesEach, `${seed}/crashes`)) {
        const crashed = await play(scenario, documents, point, options)
        assertNoTrouble(crashed.seen, point)
        assertSame(scenario, documents, plain.seen, crashed.seen, point)
      }
    }),
    draws,
  )
  return { statuses }
}

function documentOf({ name, source }: Family[number]): ScenarioDocument {
  const { plan } = loadDocument(source, { format: 'json' })
  assert.ok(plan, 'a generated document must be valid')
  return { file: `${name}.json`, source, format: 'json', plan }
}

/** Refusals of signals and updates are findings, too: they must be the same. Anything else is a bug of the kit or the engine. */
function assertNoTrouble(seen: Observation, point: CrashPoint | null): void {
  const where = point === null ? 'without a crash' : `with ${describeCrash(point)}`
  assertEvents(seen.history, seen.status !== 'running')
  const trouble = seen.findings.filter(({ path }) => path.length === 0)
  assert.deepEqual(
    trouble.map(({ message }) => message),
    [],
    where,
  )
}

function assertSame(
  scenario: Scenario,
  documents: readonly ScenarioDocument[],
  plain: Observation,
  crashed: Observation,
  point: CrashPoint,
): void {
  const differences = differencesAfterCrash(
    scenario,
    documents,
    withoutAbandoned(documents, plain),
    withoutAbandoned(documents, crashed),
  )
  const lines = differences.map(
    ({ message, expected, got }) =>
      `${message}\n  expected ${JSON.stringify(expected)}\n  got      ${JSON.stringify(got)}`,
  )
  assert.equal(lines.join('\n'), '', `with ${describeCrash(point)}`)
  assert.deepEqual(told(crashed), told(plain), `with ${describeCrash(point)}`)
}

/** What was scheduled and abandoned at one instant need not be called: a crash in between lets it be (I4). */
function withoutAbandoned(documents: readonly ScenarioDocument[], seen: Observation): Observation {
  const isAbandoned = (id: string) =>
    documents.some(({ plan }) => {
      const step = plan.steps[id]
      return step?.verb === 'activity' && step.cancellation === 'abandon'
    })
  return { ...seen, calls: seen.calls.filter(({ step }) => !isAbandoned(step)) }
}

/** At the instant of a close it is the run that refuses, or the door behind it, in other words but under the same code. */
function told({ findings, ids }: Observation): Json {
  return withoutIds(
    findings.map(({ path, message }) => {
      const refusal = message.replace(/(was refused: ExecutionClosed): .*/s, '$1')
      return `${path.join('/')}: ${refusal}`
    }),
    ids,
  )
}

function someOf<T>(all: readonly T[], count: number, seed: string): readonly T[] {
  const state = seedFrom(seed)
  return Array.from(
    { length: Math.min(count, all.length) },
    () => all[Math.floor(nextRandom(state) * all.length)],
  ).filter((one) => one !== undefined)
}
