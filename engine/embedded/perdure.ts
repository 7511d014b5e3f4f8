/**
 * The engine embedded in an application: `new Perdure({ … })`, `start()`, `stop()`, `deploy()`, `client`
 * (docs/embedding.md). Owns the order in which store, activities and definitions come up and go down.
 */
import type { PluginSections } from '../../activities/index.ts'
import type { Limits } from '../../schema/limits.ts'
import { openStorage, type StorageTarget } from '../../storage/open.ts'
import type { CallerConnection, DeployResult, Engine } from '../contract.ts'
import { createEngine } from '../create.ts'
import type { Log } from '../log.ts'
import type { EngineSettings } from '../settings.ts'
import { EmbeddedClient, type EmbeddedHandle, type StartOptions } from './client.ts'
import { type DefinitionSource, definitionOf, readDefinitions } from './definition-files.ts'
import { openActivities, type ProcessActivities } from './process-activities.ts'

export interface PerdureOptions {
  /** A PostgreSQL connection string, such as `postgres://user@host/database`. */
  readonly databaseUrl?: string
  /** A directory for the embedded PGlite; one process at a time. */
  readonly dataDir?: string
  /** Nothing is kept: for tests. */
  readonly inMemory?: true
  /** Deployed at the start: files and directories, or documents. */
  readonly definitions?: string | readonly (string | DefinitionSource)[]
  /** Activities and plugins: a list, a module, any object that holds them. */
  readonly activities?: object
  /** Configuration of plugins, by name. */
  readonly plugins?: PluginSections
  readonly namespace?: string
  /** Attempts of activities at once in this process. */
  readonly maxConcurrentActivities?: number
  readonly limits?: Partial<Limits>
  readonly settings?: Partial<EngineSettings>
  /** `wait` (default): an activity that is not registered waits for a worker; `fail`: it fails. */
  readonly unregistered?: 'wait' | 'fail'
  /** A `pino` logger, or anything with its four methods. Absent: silent. */
  readonly log?: Log
}

interface Running {
  readonly engine: Engine
  readonly activities: ProcessActivities
}

export class Perdure {
  readonly client: EmbeddedClient
  readonly #options: PerdureOptions
  readonly #namespace: string
  #running: Running | null = null
  #starting: Promise<void> | null = null

  /** Throws `TypeError` unless exactly one of `databaseUrl`, `dataDir` and `inMemory` is given. */
  constructor(options: PerdureOptions) {
    storageTarget(options)
    this.#options = options
    this.#namespace = options.namespace ?? 'default'
    this.client = new EmbeddedClient(() => this.engine, this.#namespace)
  }

  /** The engine itself, for what the client does not have. Throws before `start` and after `stop`. */
  get engine(): Engine {
    if (this.#running === null) throw new Error('this Perdure is not running: call start() first')
    return this.#running.engine
  }

  /** Opens the store, sets up activities and plugins, deploys the definitions. Rejects with what went wrong; nothing stays open then. */
  start(): Promise<void> {
    this.#starting ??= this.#start().catch((thrown: unknown) => {
      this.#starting = null
      throw thrown
    })
    return this.#starting
  }

  /** Lets turns and activities end within the grace (10 s), hands the rest over, closes the store and the plugins. */
  async stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    await this.#starting?.catch(() => {})
    const running = this.#running
    this.#running = null
    this.#starting = null
    if (running === null) return
    try {
      await running.engine.stop(options)
    } finally {
      await running.activities.teardown()
    }
  }

  /**
   * Starts an execution inside your own transaction: `connection` is the `pg` client that has it, on the database of
   * `databaseUrl`. It begins when you commit, and never was where you roll back; wait for its result after the commit.
   * Who starts the same workflow id meanwhile waits for your transaction.
   */
  async startIn(
    connection: CallerConnection,
    workflow: string,
    options: StartOptions = {},
  ): Promise<EmbeddedHandle> {
    const request = { ...options, namespace: this.#namespace, workflow }
    const { workflowId, runId } = await this.engine.startIn(connection, request)
    return this.client.handle(workflowId, runId)
  }

  /**
   * A document: its text, the path of its file (one line that is no JSON), or `{ source, format, file }`. Throws
   * `EngineError` `DefinitionInvalid` (with `problems`) or `DefinitionConflict`.
   */
  async deploy(
    document: string | DefinitionSource,
    options: { readonly format?: 'yaml' | 'json'; readonly file?: string } = {},
  ): Promise<DeployResult> {
    const definition = typeof document === 'string' ? await definitionOf(document) : document
    return this.#deploy(this.engine, { ...definition, ...options })
  }

  async #start(): Promise<void> {
    const { log, limits, settings, unregistered, plugins, maxConcurrentActivities } = this.#options
    const activities = await openActivities({
      ...(this.#options.activities !== undefined && { given: this.#options.activities }),
      ...(plugins !== undefined && { plugins }),
      ...(log !== undefined && { log }),
      ...(maxConcurrentActivities !== undefined && { maxConcurrent: maxConcurrentActivities }),
      ...(limits?.payloadBytes !== undefined && { payloadBytes: limits.payloadBytes }),
    })
    const engine = createEngine({
      storage: openStorage(storageTarget(this.#options)),
      executor: activities.executor,
      activities: activities.known,
      health: activities.health,
      ...(limits !== undefined && { limits }),
      ...(settings !== undefined && { settings }),
      ...(unregistered !== undefined && { unregistered }),
      ...(log !== undefined && { log }),
    })
    activities.attach(engine)
    try {
      await engine.start()
      for (const definition of await this.#definitions()) await this.#deploy(engine, definition)
    } catch (thrown) {
      await engine.stop({ graceMs: 0 }).catch(() => {})
      await activities.teardown()
      throw thrown
    }
    this.#running = { engine, activities }
  }

  async #definitions(): Promise<readonly DefinitionSource[]> {
    const { definitions = [] } = this.#options
    const named = typeof definitions === 'string' ? [definitions] : definitions
    const found = await Promise.all(
      named.map((entry) => (typeof entry === 'string' ? readDefinitions(entry) : [entry])),
    )
    return found.flat()
  }

  #deploy(engine: Engine, definition: DefinitionSource): Promise<DeployResult> {
    return engine.deploy({ namespace: this.#namespace, format: 'yaml', ...definition })
  }
}

function storageTarget({ databaseUrl, dataDir, inMemory }: PerdureOptions): StorageTarget {
  const named = [databaseUrl, dataDir, inMemory].filter((choice) => choice !== undefined)
  if (named.length !== 1) {
    throw new TypeError('name exactly one of databaseUrl, dataDir and inMemory: where executions are kept')
  }
  if (databaseUrl !== undefined) return { kind: 'postgres', connectionString: databaseUrl }
  if (dataDir !== undefined) return { kind: 'pglite', dataDir }
  return { kind: 'memory' }
}
