/**
 * Asks the engine what came of a run, when its scenario is over. Called by `drive.ts`.
 */
import type { EngineError, HistoryEvent, JsonObject } from '../engine/index.ts'
import { jsonOf } from './json-of.ts'
import type { Execution, Finding, Observation } from './observation.ts'
import type { World } from './world.ts'

export async function observeRun(
  world: World,
  run: Execution & { readonly runId: string },
  findings: readonly Finding[],
): Promise<Observation> {
  const description = await world.request((engine) => engine.describe(run))
  const history = await wholeHistory(world, run)
  const first = history[0]
  const last = history.at(-1)
  const closed = description.status !== 'running'
  return {
    status: description.status,
    runId: run.runId,
    ...(description.result === undefined ? {} : { result: description.result }),
    ...(description.error === undefined ? {} : { error: jsonOf(description.error) }),
    calls: world.executor.calls,
    history,
    vars: description.vars,
    durationMs: closed && first !== undefined && last !== undefined ? last.timestamp - first.timestamp : null,
    waitingFor: description.waitingFor.map((wait) => wait.text),
    step: description.error?.step ?? description.at[0]?.step ?? null,
    findings,
  }
}

/** A start that was refused leaves nothing but its error. */
export function observeRefusal(error: EngineError, findings: readonly Finding[]): Observation {
  return {
    status: 'refused',
    runId: '',
    error: refusalOf(error),
    calls: [],
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
