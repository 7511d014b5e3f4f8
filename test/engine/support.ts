/** What the tests of the engine share: documents, an executor of plain functions, and an engine over a store. */
import assert from 'node:assert/strict'
import type { ActivityExecutor, ActivityTask, AttemptOutcome } from '../../activities/contract.ts'
import type { Engine } from '../../engine/contract.ts'
import { createEngine, type EngineOptions, type EngineUnderTest } from '../../engine/create.ts'
import type { HistoryEvent } from '../../interpreter/events.ts'
import type { Json } from '../../schema/json.ts'
import type { Storage } from '../../storage/contract.ts'
import { openStorage } from '../../storage/open.ts'

export { until } from '../until.ts'

export const namespace = 'default'

/** A document without its head. */
export function doc(body: string, name = 'under-test', version = '1.0.0'): string {
  return `dsl: perdure/1\nname: ${name}\nversion: ${version}\n${body}`
}

export const oneStep = doc(`
steps:
  - id: greet
    activity: echo
    input: { value: "\${ input.value }" }
  - return: \${ steps.greet }
`)

export type Answer = (
  task: ActivityTask,
  end: (outcome: AttemptOutcome) => void,
) => Json | Promise<Json> | undefined

/** Runs each activity as a function of its task. `undefined` from one: it ends by `end`, or never. */
export class FunctionExecutor implements ActivityExecutor {
  readonly calls: ActivityTask[] = []
  readonly open = new Map<string, (outcome: AttemptOutcome) => void>()
  readonly forgotten: string[] = []
  readonly canceled: string[] = []
  readonly settings: { readonly [name: string]: object }
  readonly #answers: { readonly [name: string]: Answer }

  constructor(
    answers: { readonly [name: string]: Answer },
    settings: { readonly [name: string]: object } = {},
  ) {
    this.#answers = answers
    this.settings = settings
  }

  find(activity: string) {
    return Object.hasOwn(this.#answers, activity) ? { settings: this.settings[activity] ?? {} } : null
  }

  dispatch(task: ActivityTask, report: (outcome: AttemptOutcome) => void): void {
    this.calls.push(task)
    const key = `${task.runId}/${task.activityId}`
    const startedAt = Date.now()
    const end = (outcome: AttemptOutcome) => {
      if (this.open.delete(key)) report(outcome)
    }
    this.open.set(key, end)
    queueMicrotask(async () => {
      try {
        const result = await this.#answers[task.activity]?.(task, end)
        if (result !== undefined) end({ kind: 'completed', startedAt, result })
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown))
        end({ kind: 'failed', startedAt, error: { type: error.name, message: error.message } })
      }
    })
  }

  isStarted(key: { runId: string; activityId: number }): boolean {
    return this.open.has(`${key.runId}/${key.activityId}`)
  }

  cancel(key: { runId: string; activityId: number }): boolean {
    const end = this.open.get(`${key.runId}/${key.activityId}`)
    if (end === undefined) return false
    this.canceled.push(`${key.runId}/${key.activityId}`)
    queueMicrotask(() => end({ kind: 'canceled', startedAt: Date.now() }))
    return true
  }

  forget(key: { runId: string; activityId: number }): void {
    this.forgotten.push(`${key.runId}/${key.activityId}`)
    this.open.delete(`${key.runId}/${key.activityId}`)
  }

  drainAttempts(): ReturnType<ActivityExecutor['drainAttempts']> {
    return []
  }

  async stop(): Promise<void> {
    this.open.clear()
  }
}

export const echo: { readonly [name: string]: Answer } = {
  echo: (task) => (task.input as { value: Json }).value,
}

export interface Bench {
  readonly engine: EngineUnderTest
  readonly storage: Storage
  readonly executor: FunctionExecutor
}

/** Started; the caller stops it. */
export async function startEngine(
  executor: FunctionExecutor,
  options: Partial<EngineOptions> = {},
): Promise<Bench> {
  const storage = options.storage ?? openStorage({ kind: 'memory' })
  const engine = createEngine({ ...options, storage, executor })
  await engine.start()
  return { engine, storage, executor }
}

export function deploy(engine: Engine, source: string) {
  return engine.deploy({ namespace, source, format: 'yaml' })
}

export async function eventTypes(engine: Engine, workflowId: string): Promise<string[]> {
  return (await allEvents(engine, workflowId)).map(({ type }) => type)
}

export async function allEvents(engine: Engine, workflowId: string): Promise<readonly HistoryEvent[]> {
  const { events, cursor } = await engine.history({ namespace, workflowId }, { limit: 1000 })
  assert.equal(cursor, null)
  return events
}

/** The code of the `EngineError` that this rejects with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (thrown) {
    return String((thrown as { code?: unknown }).code ?? thrown)
  }
  return 'no error'
}
