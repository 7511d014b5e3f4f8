/** A run in a `TestEngine`: the same calls as on the engine, with time that passes only where it is asked to. */
import type { EngineUnderTest, ExecutionDescription, HistoryEvent, Json, Outcome } from '../engine/index.ts'

/** What a run needs of its engine. */
export interface TestExecutionHost {
  use<T>(ask: (engine: EngineUnderTest) => Promise<T>): Promise<T>
  runUntilClosed(runId: string): Promise<void>
}

interface ExecutionKey {
  readonly namespace: string
  readonly workflowId: string
  readonly runId: string
}

/** One run in a `TestEngine`. */
export class TestExecution {
  readonly #engine: TestExecutionHost
  readonly #key: ExecutionKey

  constructor(engine: TestExecutionHost, key: ExecutionKey) {
    this.#engine = engine
    this.#key = key
  }

  get workflowId(): string {
    return this.#key.workflowId
  }

  get runId(): string {
    return this.#key.runId
  }

  async signal(name: string, input: Json = null): Promise<void> {
    await this.#engine.use((engine) => engine.signal(this.#key, name, input))
  }

  query(name: string, input?: Json): Promise<Json> {
    return this.#engine.use((engine) => engine.query(this.#key, name, input))
  }

  async cancel(reason?: string): Promise<void> {
    await this.#engine.use((engine) => engine.cancel(this.#key, reason))
  }

  async terminate(reason?: string): Promise<void> {
    await this.#engine.use((engine) => engine.terminate(this.#key, reason))
  }

  describe(): Promise<ExecutionDescription> {
    return this.#engine.use((engine) => engine.describe(this.#key))
  }

  async history(): Promise<readonly HistoryEvent[]> {
    const events: HistoryEvent[] = []
    for (;;) {
      const page = await this.#engine.use((engine) =>
        engine.history(this.#key, { after: events.at(-1)?.eventId ?? 0 }),
      )
      events.push(...page.events)
      if (page.cursor === null || page.events.length === 0) return events
    }
  }

  /** Lets time pass until the run is closed, or nothing can happen any more (`status: running`). */
  async outcome(): Promise<Outcome> {
    await this.#engine.runUntilClosed(this.runId)
    return this.#engine.use((engine) => engine.result(this.#key, { waitMs: 0 }))
  }

  /** The result of the run, once it has closed. Rejects where it did not complete. */
  async result(): Promise<Json> {
    const outcome = await this.outcome()
    if (outcome.status === 'completed') return outcome.result
    if (outcome.status !== 'running')
      throw new Error(`the run is ${outcome.status}: ${outcome.error.type}: ${outcome.error.message}`, {
        cause: outcome.error,
      })
    const { waitingFor } = await this.describe()
    const waits = waitingFor.map(({ text }) => `; ${text}`).join('')
    throw new Error(`the run is still open and nothing can happen any more${waits}`)
  }
}
