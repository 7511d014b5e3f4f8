/** The typed client of the HTTP API: what the CLI, the web page and other people's programs call. */
import type {
  Accepted,
  CountAnswer,
  DefinitionGraph,
  DefinitionSummary,
  DefinitionVersions,
  DefinitionView,
  DeliveryView,
  DeployResult,
  ExecutionListItem,
  HealthAnswer,
  Page,
  ResolveAnswer,
  StartAnswer,
  StartBody,
  ValidationAnswer,
} from '../server/api.ts'
import { type Abortable, StartedWorkflow, WorkflowHandle } from './handle.ts'
import { paths } from './paths.ts'
import { type ApiRequest, Transport, type TransportOptions } from './transport.ts'

export interface PerdureClientOptions extends TransportOptions {
  /** Default: the server's `default`. */
  readonly namespace?: string | undefined
}

export type StartOptions = Omit<StartBody, 'workflow'>

export interface Document {
  readonly source: string
  readonly format: 'yaml' | 'json'
}

export class PerdureClient {
  readonly #transport: Transport
  readonly #namespace: string | undefined

  /** Throws `TypeError` where `server` is no address. Connects with the first call. */
  constructor(options: PerdureClientOptions) {
    this.#transport = new Transport(options)
    this.#namespace = options.namespace
  }

  /** Starts an execution. Made safe to repeat by a request id, so a lost answer starts nothing twice. */
  async start(workflow: string, options: StartOptions = {}): Promise<StartedWorkflow> {
    const body: StartBody = { requestId: crypto.randomUUID(), ...options, workflow }
    const answer = await this.#post<StartAnswer>(paths.workflows, body, true)
    return new StartedWorkflow(this.#transport, this.#namespace, answer)
  }

  /** One that runs already, or ran. Without `runId`: whichever run is open, else the latest. */
  handle(workflowId: string, runId?: string): WorkflowHandle {
    return new WorkflowHandle(this.#transport, this.#namespace, workflowId, runId)
  }

  /** A text is YAML, which JSON is too. Throws `PerdureApiError` with `DefinitionInvalid` (and `problems`) or `DefinitionConflict`. */
  deploy(document: string | Document, options: { readonly dryRun?: boolean } = {}): Promise<DeployResult> {
    return this.#sendDocument(paths.definitions, document, { dryRun: options.dryRun })
  }

  validate(document: string | Document): Promise<ValidationAnswer> {
    return this.#sendDocument(paths.validate, document, {})
  }

  /** All deployed versions of one definition or of all, over all pages. */
  async definitions(name?: string): Promise<readonly DefinitionSummary[]> {
    const found: DefinitionSummary[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const path = name === undefined ? paths.definitions : paths.versions(name)
      const page = await this.#get<Page<DefinitionSummary> | DefinitionVersions>(path, {
        limit: 1000,
        cursor,
      })
      found.push(...page.items)
      cursor = page.cursor
    }
    return found
  }

  definition(name: string, version: string): Promise<DefinitionView> {
    return this.#get(paths.version(name, version), {})
  }

  /** Its nodes and edges. */
  graph(name: string, version: string): Promise<DefinitionGraph> {
    return this.#get(`${paths.version(name, version)}/graph`, { format: 'json' })
  }

  deprecate(name: string, version: string): Promise<DefinitionSummary> {
    return this.#post(`${paths.version(name, version)}/deprecate`, {}, true)
  }

  undeprecate(name: string, version: string): Promise<DefinitionSummary> {
    return this.#post(`${paths.version(name, version)}/undeprecate`, {}, true)
  }

  /** Which version a start would get, and why. */
  resolve(name: string, version?: string): Promise<ResolveAnswer> {
    return this.#get(paths.resolve(name), { version })
  }

  list(
    options: { readonly query?: string; readonly limit?: number; readonly cursor?: string } = {},
  ): Promise<Page<ExecutionListItem>> {
    return this.#get(paths.workflows, options)
  }

  async count(query?: string): Promise<number> {
    return (await this.#get<CountAnswer>(paths.count, { query })).count
  }

  /** Events of `emit` that are on their way to a sink, or `dead`: not taken by it. */
  deliveries(
    options: {
      readonly state?: DeliveryView['state']
      readonly sink?: string
      readonly limit?: number
      readonly cursor?: string
    } = {},
  ): Promise<Page<DeliveryView>> {
    return this.#get(paths.deliveries, options)
  }

  /** Sends an event again, at once and with all its attempts. */
  async redeliver(deliveryId: string): Promise<void> {
    await this.#post<Accepted>(paths.redeliver(deliveryId), {}, true)
  }

  /** Resolves when the server is ready. Throws `PerdureApiError` with the reason when it is not. */
  health(options: Abortable = {}): Promise<HealthAnswer> {
    // Not repeated: that it is not ready is the answer.
    return this.#transport.json({
      method: 'GET',
      path: paths.ready,
      repeatable: false,
      signal: options.signal,
    })
  }

  #sendDocument<Body>(
    path: string,
    document: string | Document,
    query: NonNullable<ApiRequest['query']>,
  ): Promise<Body> {
    const { source, format } = typeof document === 'string' ? { source: document, format: 'yaml' } : document
    const contentType = format === 'json' ? 'application/json' : 'application/yaml'
    return this.#transport.json<Body>({
      method: 'POST',
      path,
      query: { ...query, namespace: this.#namespace },
      document: { text: source, contentType },
      repeatable: true,
    })
  }

  #get<Body>(
    path: string,
    query: { readonly [name: string]: string | number | null | undefined },
  ): Promise<Body> {
    const given = Object.entries(query).flatMap(([name, value]) => (value == null ? [] : [[name, value]]))
    return this.#transport.json<Body>({
      method: 'GET',
      path,
      query: { ...Object.fromEntries(given), namespace: this.#namespace },
      repeatable: true,
    })
  }

  #post<Body>(path: string, body: object, repeatable: boolean): Promise<Body> {
    return this.#transport.json<Body>({
      method: 'POST',
      path,
      query: { namespace: this.#namespace },
      body,
      repeatable,
    })
  }
}
