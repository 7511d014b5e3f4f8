/**
 * An engine for tests in code: virtual time, real or scripted activities, a store in memory unless another is named.
 * Owns the public door; a run in it is a `TestExecution`, the parts are those that scenarios run on.
 *
 * ```ts
 * const engine = await TestEngine.create({ documents: ['./order.yaml'], activities: [charge], script: { ship: { returns: null } } })
 * const order = await engine.start('order-processing', { input: { … } })
 * await engine.advance('1h')
 * await order.signal('approval', { approved: true })
 * assert.deepEqual(await order.result(), { … })
 * await engine.stop()
 * ```
 */

import {
  type ActivityDefinition,
  type EngineUnderTest,
  interpreter,
  type Json,
  type Limits,
  openActivities,
  parseDuration,
} from '../engine/index.ts'
import { readDocument } from './documents.ts'
import { defaultClockMoves } from './drive.ts'
import { MixedExecutor } from './mixed-executor.ts'
import { ScenarioReader } from './scenario-reader.ts'
import { readScript } from './scenario-script.ts'
import { valueSource } from './scenario-source.ts'
import { renderTemplate } from './script-template.ts'
import { type ScriptedCall, ScriptedExecutor } from './scripted-executor.ts'
import { openStores, type ScenarioStore, type ScenarioStores, type StoreChoice } from './stores.ts'
import { TestExecution } from './test-execution.ts'
import { EngineClock, VirtualClock, virtualStart } from './virtual-clock.ts'
import { World } from './world.ts'

export interface TestEngineOptions {
  /** Paths of documents to deploy. */
  readonly documents?: readonly string[]
  /** Beside the built-in ones. They run as they are, in real time, while virtual time stands still. */
  readonly activities?: readonly ActivityDefinition[]
  /** As `activities` of a scenario: by step id or activity name. Wins over `activities`. */
  readonly script?: { readonly [name: string]: Json }
  /** Default: `memory`. */
  readonly store?: StoreChoice
  readonly limits?: Partial<Limits>
  /** How often one call may move the clock before it gives up. Default: 20,000. */
  readonly clockMoves?: number
  /** Milliseconds since 1970 UTC. Default: 2026-01-01T00:00:00Z. */
  readonly startAt?: number
}

export interface TestStartOptions {
  readonly input?: Json
  readonly workflowId?: string
  readonly version?: string
  /** A duration text: virtual time before the first step. */
  readonly startDelay?: string
  readonly signal?: { readonly name: string; readonly input?: Json }
}

export class TestEngine {
  readonly #world: World
  readonly #clock: VirtualClock
  readonly #stores: ScenarioStores
  readonly #store: ScenarioStore
  readonly #clockMoves: number
  readonly #closeActivities: () => Promise<void>

  private constructor(parts: {
    readonly world: World
    readonly clock: VirtualClock
    readonly stores: ScenarioStores
    readonly store: ScenarioStore
    readonly clockMoves: number
    readonly closeActivities: () => Promise<void>
  }) {
    this.#world = parts.world
    this.#clock = parts.clock
    this.#stores = parts.stores
    this.#store = parts.store
    this.#clockMoves = parts.clockMoves
    this.#closeActivities = parts.closeActivities
  }

  /** Rejects where a document or the script has errors. */
  static async create(options: TestEngineOptions = {}): Promise<TestEngine> {
    const clock = new VirtualClock(options.startAt ?? virtualStart)
    const reader = new ScenarioReader(valueSource('the script of the test'))
    const script = readScript(reader, options.script, [])
    const [problem] = reader.problems
    if (problem !== undefined) throw new Error(`script ${problem.path}: ${problem.message}`)
    const scripted = new ScriptedExecutor(clock, script, renderTemplate)
    const real = await openActivities({
      given: options.activities ?? [],
      clock: new EngineClock(clock),
      ...(options.limits?.payloadBytes === undefined ? {} : { payloadBytes: options.limits.payloadBytes }),
    })
    const stores = await openStores(options.store ?? 'memory')
    const store = await stores.next()
    const world = new World({
      clock,
      executor: new MixedExecutor(scripted, real.executor, 'scripted'),
      maker: {
        storage: store.storage,
        interpreter,
        ...(options.limits === undefined ? {} : { limits: options.limits }),
      },
      crashPoint: null,
    })
    real.attach({ query: (...asked) => world.request((living) => living.query(...asked)) })
    const engine = new TestEngine({
      world,
      clock,
      stores,
      store,
      clockMoves: options.clockMoves ?? defaultClockMoves,
      closeActivities: async () => {
        await real.executor.stop(0)
        await real.teardown()
      },
    })
    try {
      await world.start()
      for (const file of options.documents ?? []) await engine.deploy(file)
    } catch (error) {
      await engine.stop()
      throw error
    }
    return engine
  }

  /** Deploys the document in this file. Rejects with its first error. */
  async deploy(file: string): Promise<void> {
    const read = await readDocument(file)
    if (read.kind === 'unreadable') throw new Error(read.message)
    if (read.kind === 'invalid') {
      const problem = read.problems.find((candidate) => candidate.severity === 'error')
      throw new Error(
        problem === undefined
          ? `${file} has errors`
          : `${file}:${problem.line}:${problem.column} ${problem.message}\n${problem.excerpt}`,
      )
    }
    const { source, format } = read.document
    await this.#request((engine) => engine.deploy({ namespace: this.#store.namespace, source, format, file }))
  }

  /** Milliseconds since 1970 UTC, of virtual time. */
  now(): number {
    return this.#clock.now()
  }

  /** Scripted calls so far, in the order in which attempts started. */
  get calls(): readonly ScriptedCall[] {
    return this.#world.executor.calls
  }

  /** Starts a run and lets everything happen that needs no time to pass. */
  async start(workflow: string, options: TestStartOptions = {}): Promise<TestExecution> {
    const { namespace } = this.#store
    const started = await this.#request((engine) =>
      engine.startExecution({ namespace, workflow, ...options }),
    )
    await this.#rest()
    return new TestExecution(this, { namespace, workflowId: started.workflowId, runId: started.runId })
  }

  /** Lets so much virtual time pass: a duration text such as `1h30m`, or milliseconds. */
  async advance(duration: string | number): Promise<void> {
    const ms = typeof duration === 'number' ? duration : parseDuration(duration)
    if (ms === null || !(ms >= 0))
      throw new Error(`"${duration}" is not a duration: write it as 500ms, 30s, 5m, 1h30m or 7d`)
    const until = this.#clock.now() + ms
    await this.#moveWhile((next) => next <= until)
    this.#clock.advanceTo(until)
  }

  /** Skips from timer to timer until nothing can happen any more: all runs are closed or wait for a message. */
  async runUntilQuiet(): Promise<void> {
    await this.#moveWhile(() => true)
  }

  /** Skips from timer to timer until the chain of this run is closed, or nothing can happen any more. */
  async runUntilClosed(runId: string): Promise<void> {
    const { book } = this.#world
    await this.#moveWhile(() => !book.isClosed(book.lastOf(runId)))
  }

  /** The run that the chain of this one has come to. */
  lastRun(runId: string): string {
    return this.#world.book.lastOf(runId)
  }

  /** Skips from timer to timer until the handler of an accepted update has ended, or nothing can happen any more. */
  async runUntilAnswered(updateId: string): Promise<void> {
    const { book } = this.#world
    await this.#moveWhile(() => book.updateOf(updateId) === 'accepted')
  }

  /** Throws the engine away as a crash would, and builds another one over its store. */
  async crash(): Promise<void> {
    await this.#world.crash()
    await this.#rest()
  }

  /** The engine itself, for what this class has no method for. It is another one after a crash. */
  async use<T>(ask: (engine: EngineUnderTest, namespace: string) => Promise<T>): Promise<T> {
    const answer = await this.#request((engine) => ask(engine, this.#store.namespace))
    await this.#rest()
    return answer
  }

  async stop(): Promise<void> {
    this.#world.stop()
    await this.#closeActivities()
    await this.#store.release()
    await this.#stores.close()
  }

  #request<T>(ask: (engine: EngineUnderTest) => Promise<T>): Promise<T> {
    return this.#world.request(ask)
  }

  async #moveWhile(goesOn: (next: number) => boolean): Promise<void> {
    await this.#world.rest()
    for (let moves = 0; ; moves++) {
      const { failure } = this.#world.executor
      if (failure !== null) throw new Error(failure.message)
      const next = this.#clock.nextAt()
      if (next === null || !goesOn(next)) return
      if (moves >= this.#clockMoves)
        throw new Error(
          `the clock moved ${this.#clockMoves} times (clockMoves) and is not done: a workflow may never end; use advance()`,
        )
      await this.#clock.fireNext()
      await this.#world.rest()
    }
  }

  /** Everything that needs no time to pass. */
  #rest(): Promise<void> {
    return this.#moveWhile((next) => next <= this.#clock.now())
  }
}
