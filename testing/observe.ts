/**
 * Asks the engine what came of a run, when its scenario is over. Called by `drive.ts`.
 */
import type { EngineError, HistoryEvent, JsonObject } from '../engine/index.ts'
import { jsonOf } from './json-of.ts'
import type { Execution, Finding, Observation } from './observation.ts'
import type { World } from './world.ts'

export async function observeRun(
  world: World,
  execution: Execution,
  runIds: { readonly first: string; readonly last: string },
  findings: readonly Finding[],
): Promise<Observation> {
  const run = { ...execution, runId: runIds.last }
  const description = await world.request((engine) => engine.describe(run))
  const history = await wholeHistory(world, run)
  const last = history.at(-1)
  const closed = description.status !== 'running'
  return {
    status: description.status,
    // A store that scenarios share has a namespace for each.
    ids: [...world.book.ids, [execution.namespace, '(namespace)']],
    isAlone: world.book.isAlone,
    ...(description.result === undefined ? {} : { result: description.result }),
    ...(description.error === undefined ? {} : { error: jsonOf(description.error) }),
    // Where the chain is not followed, what its later runs do is nobody's business.
    calls: world.executor.calls.filter(({ runId }) => !world.book.isAfter(runIds.last, runId)),
    undone: world.book.undone,
    history,
    vars: description.vars,
    durationMs:
      closed && last !== undefined
        ? last.timestamp - (await startOf(world, { ...execution, runId: runIds.first }))
        : null,
    waitingFor: description.waitingFor.map((wait) => wait.text),
    step: description.error?.step ?? description.at[0]?.step ?? null,
    findings,
  }
}

/** When the chain began. */
async function startOf(world: World, run: Execution & { readonly runId: string }): Promise<number> {
  const { events } = await world.request((engine) => engine.history(run, { limit: 1 }))
  return events[0]?.timestamp ?? world.clock.startedAt
}

/** A start that was refused leaves nothing but its error. */
export function observeRefusal(error: EngineError, findings: readonly Finding[]): Observation {
  return {
    status: 'refused',
    ids: [],
    isAlone: true,
    error: refusalOf(error),
    calls: [],
    undone: [],
    history: [],
    vars: {},
    durationMs: null,
    waitingFor: [],
    step: null,
    findings,
  }
}

/** A refusal in the words of a scenario: the code of the engine's error is its type. */
export function refusalOf(error: EngineError): JsonObject {
  return { type: error.code, message: error.message, details: error.details ?? null }
}

async function wholeHistory(
  world: World,
  run: Execution & { readonly runId: string },
): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = []
  for (;;) {
    const page = await world.request((engine) => engine.history(run, { after: events.at(-1)?.eventId ?? 0 }))
    events.push(...page.events)
    if (page.cursor === null || page.events.length === 0) return events
  }
}
