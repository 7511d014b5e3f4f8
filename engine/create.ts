/**
 * `createEngine`: the engine of `contract.ts` over a store and an executor of activities. Owns the options and their
 * defaults, and turns a store that cannot be reached into `Unavailable`, one that refuses a text into `RequestInvalid`;
 * everything else is done by the parts.
 */
import { hostname } from 'node:os'
import type { ActivityExecutor } from '../activities/contract.ts'
import type { KnownActivities } from '../schema/checks/activity.ts'
import { defaultLimits, type Limits } from '../schema/limits.ts'
import { type Storage, StorageDataError, StorageUnavailableError } from '../storage/contract.ts'
import { Answers } from './calls/answers.ts'
import { Definitions } from './calls/definitions.ts'
import { Deliveries } from './calls/delivery.ts'
import { Operations } from './calls/operations.ts'
import { Starts } from './calls/starts.ts'
import { StartsIn } from './calls/starts-in.ts'
import { Updates } from './calls/updates.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Engine } from './contract.ts'
import { Driver } from './driver.ts'
import { EngineError } from './engine-error.ts'
import { type Interpreter, interpreter as realInterpreter } from './interpreter-port.ts'
import { type Log, silentLog } from './log.ts'
import { defaultEngineSettings, type EngineSettings } from './settings.ts'
import { Histories } from './views/histories.ts'
import { OutboxViews } from './views/outbox-views.ts'
import { Results } from './views/results.ts'
import { Views } from './views/views.ts'

export interface EngineOptions {
  /** Opened by `start`, closed by `stop`. */
  readonly storage: Storage
  readonly executor: ActivityExecutor
  readonly clock?: Clock
  readonly settings?: Partial<EngineSettings>
  readonly limits?: Partial<Limits>
  /** In logs and in the table of nodes. Absent: host name and process id. */
  readonly nodeName?: string
  /** An activity that is not registered: `wait` for a worker of its queue (default), or `fail` at once (`perdure run`). */
  readonly unregistered?: 'wait' | 'fail'
  readonly log?: Log
  /** Input schemas of registered activities, which deploying a document is checked against. */
  readonly activities?: KnownActivities
  /** Beyond the database: what must be well for `ready` (the health of plugins). Rejects with the reason. */
  readonly health?: () => Promise<void>
  readonly interpreter?: Interpreter
}

/** What tests and benchmarks need beyond the contract. */
export interface EngineUnderTest extends Engine {
  /**
   * Resolves when no turn, commit, dispatch, message or load is under way. Activities are not counted: a scripted
   * executor knows its own. A virtual clock may go on then.
   */
  quiet(): Promise<void>
  /** As if the process had died: nothing is handed over or written from here on, and the store stays open. */
  abandon(): void
  /** Runs held in memory. */
  readonly loadedRuns: number
  /** Deletes closed runs past their retention now; gives how many. */
  expire(): Promise<number>
}

export function createEngine(options: EngineOptions): EngineUnderTest {
  const settings: EngineSettings = { ...defaultEngineSettings, ...options.settings }
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const clock = options.clock ?? systemClock
  const { storage } = options
  const definitions = new Definitions(storage.definitions, clock, limits, options.activities)
  const driver = new Driver({
    storage,
    executor: options.executor,
    definitions,
    unregistered: options.unregistered ?? 'wait',
    interpreter: options.interpreter ?? realInterpreter,
    clock,
    settings,
    limits,
    nodeName: options.nodeName ?? `${hostname()}:${process.pid}`,
    log: options.log ?? silentLog,
  })
  const { payloadBytes } = limits
  const deliveries = new Deliveries(driver)
  const answers = new Answers(driver)
  const operations = new Operations(driver, deliveries, answers, payloadBytes)
  const updates = new Updates(driver, deliveries, answers, payloadBytes)
  const results = new Results(driver)
  const histories = new Histories(driver)
  const views = new Views(driver, payloadBytes)
  const starts = new Starts({ driver, definitions, operations, results })
  const startsIn = new StartsIn({ driver, definitions })
  const outbox = new OutboxViews(storage.outbox, clock, () => driver.outbox.poke())

  return {
    start: () => driver.start(),
    stop: (stop) => driver.stop(stop?.graceMs ?? settings.stopGraceMs),
    async ready() {
      driver.assertServing()
      await reached(storage.ping())
      await options.health?.()
    },
    quiet: () => driver.busy.quiet(),
    abandon: () => driver.abandon(),
    get loadedRuns() {
      return driver.runs.size
    },
    expire: () => driver.retention.run(),

    deploy: (request) => reached(definitions.deploy(request)),
    definitions: (namespace, name) => reached(definitions.list(namespace, name)),
    definition: (namespace, name, version) => reached(definitions.get(namespace, name, version)),
    setDeprecated: (namespace, name, version, deprecated) =>
      reached(definitions.setDeprecated(namespace, name, version, deprecated)),
    resolve: (namespace, name, version) => reached(definitions.resolve(namespace, name, version)),

    startExecution: (request) => reached(starts.start(request)),
    startIn: (connection, request) => reached(startsIn.start(connection, request)),
    signal: (ref, name, input, requestId) => reached(operations.signal(ref, name, input, requestId)),
    update: (ref, name, request) => reached(updates.update(ref, name, request)),
    pause: (ref, reason) => reached(operations.pause(ref, reason)),
    resume: (ref, resume) => reached(operations.resume(ref, resume)),
    cancel: (ref, reason) => reached(operations.cancel(ref, reason)),
    terminate: (ref, reason) => reached(operations.terminate(ref, reason)),

    query: (ref, name, input) => reached(views.query(ref, name, input)),
    describe: (ref) => reached(views.describe(ref)),
    result: (ref, result) => reached(results.result(ref, result)),
    list: (namespace, page) => reached(views.list(namespace, page)),
    count: (namespace, query) => reached(views.count(namespace, query)),
    deliveries: (namespace, page) => reached(outbox.deliveries(namespace, page)),
    redeliver: (namespace, deliveryId) => reached(outbox.redeliver(namespace, deliveryId)),
    history: (ref, page) => reached(histories.history(ref, page)),
    onEvents: (listener) => driver.watchers.onEvents(listener),
  }
}

async function reached<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (thrown) {
    // A name that no row can have: writes check theirs, reads learn it here.
    if (thrown instanceof StorageDataError) {
      throw new EngineError('RequestInvalid', `the database refused the request: ${thrown.message}`)
    }
    if (!(thrown instanceof StorageUnavailableError)) throw thrown
    throw new EngineError('Unavailable', `the database cannot be reached: ${thrown.message}`, {
      suggestion: 'try again; a start or signal with the same requestId happens once',
      cause: thrown,
    })
  }
}
