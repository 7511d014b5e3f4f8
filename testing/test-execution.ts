/** An execution in a `TestEngine`: the same calls as on the engine, with time that passes only where it is asked to. */
import type { EngineUnderTest, ExecutionDescription, HistoryEvent, Json, Outcome } from '../engine/index.ts'

/** What an execution needs of its engine. */
export interface TestExecutionHost {
  use<T>(ask: (engine: EngineUnderTest) => Promise<T>): Promise<T>
  runUntilClosed(runId: string): Promise<void>
  runUntilAnswered(updateId: string): Promise<void>
  lastRun(runId: string): string
}

interface ExecutionKey {
  readonly namespace: string
  readonly workflowId: string
  readonly runId: string
}

/** Real time that an answer may take which must be there already. */
const answerWaitMs = 10_000

/** An execution in a `TestEngine`: the run that was started, and those that it continued as. */
export class TestExecution {
  readonly #engine: TestExecutionHost
  readonly #first: ExecutionKey
  #updates = 0

  constructor(engine: TestExecutionHost, key: ExecutionKey) {
    this.#engine = engine
    this.#first = key
  }

  get workflowId(): string {
    return this.#first.workflowId
  }

  /** Of the last run of the chain so far. */
  get runId(): string {
    return this.#engine.lastRun(this.#first.runId)
  }

  async signal(name: string, input: Json = null): Promise<void> {
    await this.#engine.use((engine) => engine.signal(this.#key, name, input))
  }

  query(name: string, input?: Json): Promise<Json> {
    return this.#engine.use((engine) => engine.query(this.#key, name, input))
  }

  /**
   * Lets time pass until the handler has answered, and gives its result. Rejects with `EngineError` where it was
   * refused, else with the handler's error as `cause`.
   */
  async update(
    name: string,
    input: Json = null,
    updateId = `update-${this.runId}-${++this.#updates}`,
  ): Promise<Json> {
    const send = (waitMs: number) =>
      this.#engine.use((engine) => engine.update(this.#key, name, { input, updateId, waitMs }))
    await send(0)
    await this.#engine.runUntilAnswered(updateId)
    const answer = await send(answerWaitMs)
    if (answer.status === 'completed') return answer.result
    if (answer.status === 'pending')
      throw new Error(`the update ${name} has no answer: nothing can happen any more`)
    throw new Error(`the update ${name} failed: ${answer.error.type}: ${answer.error.message}`, {
      cause: answer.error,
    })
  }

  async pause(reason?: string): Promise<void> {
    await this.#engine.use((engine) => engine.pause(this.#key, reason))
  }

  async resume(options: { readonly skip?: boolean; readonly reason?: string } = {}): Promise<void> {
    await this.#engine.use((engine) => engine.resume(this.#key, options))
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

  /** Of the last run so far. */
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

  /** Lets time pass until the execution is closed, or nothing can happen any more (`status: running`). */
  async outcome(): Promise<Outcome> {
    await this.#engine.runUntilClosed(this.#first.runId)
    return this.#engine.use((engine) => engine.result(this.#key, { waitMs: 0 }))
  }

  /** The result of the execution, once it has closed. Rejects where it did not complete. */
  async result(): Promise<Json> {
    const outcome = await this.outcome()
    if (outcome.status === 'completed') return outcome.result
    if ('error' in outcome)
      throw new Error(`the run is ${outcome.status}: ${outcome.error.type}: ${outcome.error.message}`, {
        cause: outcome.error,
      })
    const { waitingFor } = await this.describe()
    const waits = waitingFor.map(({ text }) => `; ${text}`).join('')
    throw new Error(`the run is still open and nothing can happen any more${waits}`)
  }

  get #key(): ExecutionKey {
    return { ...this.#first, runId: this.runId }
  }
}
