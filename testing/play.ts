/**
 * One run of one scenario in a world of its own: plain, or with a crash. Owns making and clearing away that world;
 * what happens in it is `drive.ts`.
 */

import { EngineError, type Interpreter, type Limits, openActivities, type Storage } from '../engine/index.ts'
import type { ScenarioDocument } from './documents.ts'
import { defaultClockMoves, playScenario } from './drive.ts'
import { MixedExecutor } from './mixed-executor.ts'
import type { Observation } from './observation.ts'
import type { Scenario } from './scenario.ts'
import { renderTemplate } from './script-template.ts'
import { ScriptedExecutor } from './scripted-executor.ts'
import type { CrashPoint } from './store-life.ts'
import type { ScenarioStores } from './stores.ts'
import { EngineClock, VirtualClock } from './virtual-clock.ts'
import { World } from './world.ts'

export interface PlayOptions {
  readonly stores: ScenarioStores
  readonly interpreter: Interpreter
  readonly limits?: Partial<Limits>
  readonly clockMoves?: number
}

export interface Played {
  readonly seen: Observation
  /** Commits that wrote events. */
  readonly commits: number
  readonly crashed: boolean
}

/** Fixed, so that a result may hold it. */
const workflowId = 'scenario'

export async function play(
  scenario: Scenario,
  /** The document under test first. */
  documents: readonly ScenarioDocument[],
  crashPoint: CrashPoint | null,
  options: PlayOptions,
): Promise<Played> {
  const [main] = documents
  if (main === undefined) throw new Error('a scenario needs a document')
  const { storage, namespace, shared, release } = await options.stores.next()
  const clock = new VirtualClock()
  const scripted = new ScriptedExecutor(clock, scenario.script, renderTemplate)
  const builtIn = isAllScripted(scenario, documents)
    ? null
    : await openActivities({ clock: new EngineClock(clock) })
  const world = new World({
    clock,
    executor: builtIn === null ? scripted : new MixedExecutor(scripted, builtIn.executor, 'all'),
    maker: {
      storage,
      interpreter: options.interpreter,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    },
    crashPoint,
  })
  const { name: workflow, version } = main.plan
  const execution = { namespace, workflowId, workflow, version }
  builtIn?.attach({ query: (...asked) => world.request((engine) => engine.query(...asked)) })
  await world.start()
  try {
    for (const document of documents) await putDeployed(storage, namespace, document, clock.startedAt)
    const clockMoves = options.clockMoves ?? defaultClockMoves
    const seen = await playScenario(world, scenario, execution, clockMoves)
    return { seen, commits: world.commits, crashed: world.crashed }
  } finally {
    if (shared) await endRuns(world, namespace)
    world.stop()
    await builtIn?.executor.stop(0)
    await builtIn?.teardown()
    await release()
  }
}

/** Then the built-in activities are not needed; opening them costs more than a short run. */
function isAllScripted({ script }: Scenario, documents: readonly ScenarioDocument[]): boolean {
  return documents.every(({ plan }) =>
    Object.values(plan.steps).every(
      (step) => step.verb !== 'activity' || script.has(step.id) || script.has(step.activity),
    ),
  )
}

/** As deploying does, but for the checks, which it passed when it was read: they cost more than a short run. */
async function putDeployed(
  { definitions }: Storage,
  namespace: string,
  { plan, source, format }: ScenarioDocument,
  deployedAt: number,
): Promise<void> {
  const { name, version, digest } = plan
  const record = { namespace, name, version, digest, source, format, deployedAt, deprecated: false }
  const { outcome } = await definitions.put(record)
  if (outcome === 'conflict') throw new Error(`two documents of the scenario are both ${name}@${version}`)
}

/** In a store that other scenarios use next, a run that is left open would be taken up by their engines. */
async function endRuns(world: World, namespace: string): Promise<void> {
  for (;;) {
    const { items } = await world.request((engine) => engine.list(namespace, { query: "status = 'running'" }))
    if (items.length === 0) return
    for (const { workflowId, runId } of items) {
      try {
        await world.request((engine) =>
          engine.terminate({ namespace, workflowId, runId }, 'the scenario is over'),
        )
      } catch (error) {
        // Its parent's end was its own.
        if (!(error instanceof EngineError) || error.code !== 'ExecutionClosed') throw error
      }
    }
    await world.rest()
  }
}
