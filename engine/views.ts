/**
 * What callers see of executions: outcome, history, lists, descriptions and queries. Changes nothing.
 * A run that is loaded here is seen between two turns, with all that was committed; any other is folded from one
 * snapshot of the store and forgotten.
 */
import type { HistoryEvent, StoredEvent } from '../interpreter/events.ts'
import { Fault } from '../interpreter/fault.ts'
import type { Program } from '../interpreter/program.ts'
import type { State } from '../interpreter/state.ts'
import type { Json } from '../schema/json.ts'
import { type ExecutionSummary, type LoadedRun, StorageUnavailableError } from '../storage/contract.ts'
import { lastOfChain } from './chains.ts'
import type { ExecutionDescription, ExecutionListItem, ExecutionRef, Outcome, Page } from './contract.ts'
import { descriptionOf, type Seen } from './description.ts'
import type { Driver } from './driver.ts'
import { EngineError } from './engine-error.ts'
import { RunGone } from './execution.ts'
import { notFoundError } from './execution-errors.ts'
import { Gathering } from './gathering.ts'
import { parseListQuery } from './list-query.ts'
import { FoldError } from './load.ts'
import { outcomeOfSummary } from './outcome.ts'
import { pageLimit, readCursor, wholeNumber, writeCursor } from './paging.ts'
import { checkedPayload, storablePayload } from './payload-checks.ts'
import { ProgramError } from './programs.ts'
import { waitUntil } from './wait-until.ts'

const defaultResultWaitMs = 30_000
const runIdShape = /^[0-9a-f-]{36}$/

interface WaitOptions {
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

export class Views {
  readonly #driver: Driver
  readonly #payloadBytes: number
  /** Of all runs whose end someone waits for. */
  readonly #isOpen: Gathering<string, boolean>

  constructor(driver: Driver, payloadBytes: number) {
    this.#driver = driver
    this.#payloadBytes = payloadBytes
    this.#isOpen = new Gathering(async (runIds) => {
      const open = await driver.parts.storage.visibility.openOf(runIds)
      return runIds.map((runId) => open.has(runId))
    })
  }

  /** The run that the reference names: the open one, else the latest. Throws `ExecutionNotFound`. */
  async find(ref: ExecutionRef): Promise<ExecutionSummary> {
    const { visibility } = this.#driver.parts.storage
    const summary = await visibility.find(ref.namespace, ref.workflowId, ref.runId)
    if (summary === null) throw notFoundError(ref)
    return ref.runId === undefined ? lastOfChain(visibility, summary) : summary
  }

  /** Follows a chain to its last run, unless `follow` is false: the time to wait is for all of them. */
  async result(
    ref: ExecutionRef,
    options: WaitOptions & { readonly follow?: boolean } = {},
  ): Promise<Outcome> {
    const until = performance.now() + (options.waitMs ?? defaultResultWaitMs)
    for (let run = ref; ; ) {
      const waitMs = Math.max(0, until - performance.now())
      const outcome = await this.#resultOfRun(run, { ...options, waitMs })
      if (outcome.status !== 'continuedAsNew' || options.follow === false) return outcome
      const last = await lastOfChain(
        this.#driver.parts.storage.visibility,
        await this.find({ ...ref, runId: outcome.runId }),
      )
      // What came after it is deleted.
      if (last.runId === outcome.runId) return outcome
      run = { ...ref, runId: last.runId }
    }
  }

  async #resultOfRun(
    ref: ExecutionRef,
    options: WaitOptions & { readonly waitMs: number },
  ): Promise<Outcome> {
    const { waitMs } = options
    const local = this.#driver.runs.find(ref.namespace, ref.workflowId, ref.runId)
    let runId = local?.runId
    if (runId === undefined) {
      const summary = await this.find(ref)
      if (summary.status !== 'running' || waitMs <= 0) return outcomeOfSummary(summary)
      runId = summary.runId
    }
    const { workflowId } = ref
    const running: Outcome = { workflowId, runId, status: 'running' }
    if (waitMs <= 0) return running
    return this.#waitForClose({ ...ref, runId }, running, waitMs, options.signal, local !== undefined)
  }

  /** Told at once by this process; asked of the store now and then for a run of another node. */
  async #waitForClose(
    ref: ExecutionRef & { readonly runId: string },
    running: Outcome,
    waitMs: number,
    signal: AbortSignal | undefined,
    isLocal: boolean,
  ): Promise<Outcome> {
    const { settings } = this.#driver.parts
    return waitUntil<Outcome>({
      waitMs,
      signal,
      otherwise: running,
      pollMs: settings.pollIntervalMs,
      // A run that is loaded here tells its close by itself; one that leaves for another node is met by polling.
      pollFirst: !isLocal,
      listen: (found, again, giveUp) => {
        const { watchers } = this.#driver
        return [
          watchers.onClose(ref.runId, found),
          watchers.onVanished(ref.runId, again),
          watchers.onEnd(giveUp),
        ]
      },
      poll: async () => {
        if (this.#driver.runs.get(ref.runId) !== undefined) return null
        try {
          if (await this.#isOpen.ask(ref.runId)) return null
          const outcome = outcomeOfSummary(await this.find(ref))
          return outcome.status === 'running' ? null : outcome
        } catch (thrown) {
          // Whoever waits is not told of an outage that passes while it waits.
          if (thrown instanceof StorageUnavailableError) return null
          throw thrown
        }
      },
    })
  }

  async history(
    ref: ExecutionRef,
    options: {
      readonly after?: number
      readonly limit?: number
      readonly waitNewMs?: number
      readonly signal?: AbortSignal
    },
  ): Promise<{ readonly events: readonly HistoryEvent[]; readonly cursor: string | null }> {
    const after = wholeNumber('after', options.after ?? 0, 0, Number.MAX_SAFE_INTEGER)
    const limit = pageLimit(options.limit)
    const { runId, status } = await this.find(ref)
    const page = await this.#events(runId, after, limit)
    const waitMs = options.waitNewMs ?? 0
    if (page.events.length > 0 || waitMs <= 0 || status !== 'running') return page
    const { settings } = this.#driver.parts
    return waitUntil({
      waitMs,
      signal: options.signal,
      otherwise: page,
      pollMs: settings.pollIntervalMs,
      pollFirst: true,
      listen: (_found, again, giveUp) => {
        const { watchers } = this.#driver
        return [watchers.onNews(runId, again), watchers.onEnd(giveUp)]
      },
      poll: async () => {
        const news = await this.#events(runId, after, limit)
        if (news.events.length > 0) return news
        const isClosed = (await this.find({ ...ref, runId })).status !== 'running'
        return isClosed ? this.#events(runId, after, limit) : null
      },
    })
  }

  async #events(
    runId: string,
    after: number,
    limit: number,
  ): Promise<{ readonly events: readonly HistoryEvent[]; readonly cursor: string | null }> {
    // One more than asked for says whether there is a next page.
    const turns = await this.#driver.parts.storage.visibility.history(runId, after, limit + 1)
    const events: HistoryEvent[] = []
    for (const turn of turns) {
      const stored = JSON.parse(turn.events) as readonly StoredEvent[]
      for (const [index, event] of stored.entries()) {
        const eventId = turn.firstEventId + index
        if (eventId > after) events.push({ eventId, ...event })
      }
    }
    const page = events.slice(0, limit)
    const more = events.length > limit
    return { events: page, cursor: more ? String(page.at(-1)?.eventId ?? after) : null }
  }

  async list(
    namespace: string,
    options: { readonly query?: string; readonly limit?: number; readonly cursor?: string },
  ): Promise<Page<ExecutionListItem>> {
    const filter = parseListQuery(namespace, options.query)
    const limit = pageLimit(options.limit)
    const after = options.cursor === undefined ? null : readCursor('run', options.cursor, runIdShape)
    const found = await this.#driver.parts.storage.visibility.list(filter, limit + 1, after)
    const items = found.slice(0, limit)
    const last = items.at(-1)
    return {
      items: items.map(listItem),
      cursor: found.length > limit && last !== undefined ? writeCursor('run', last.runId) : null,
    }
  }

  count(namespace: string, query?: string): Promise<number> {
    return this.#driver.parts.storage.visibility.count(parseListQuery(namespace, query))
  }

  async query(ref: ExecutionRef, name: string, input?: Json): Promise<Json> {
    const payload = storablePayload('query', input ?? null, this.#payloadBytes)
    const answer = (program: Program, state: State) => this.#evaluate(program, state, name, payload)
    const local = this.#driver.runs.find(ref.namespace, ref.workflowId, ref.runId)
    if (local !== undefined) {
      try {
        return await local.inspect((state) => answer(local.program, state))
      } catch (thrown) {
        if (!(thrown instanceof RunGone)) throw thrown
      }
    }
    const { visibility } = this.#driver.parts.storage
    const { runId } = await lastOfChain(visibility, await this.find(ref))
    const { program, state } = await this.#folded(runId)
    if (state !== null) return answer(program, state)
    throw new EngineError('QueryFailed', `the run ${runId} has not begun yet: a node takes it up at once`, {
      suggestion: 'ask again in a moment',
    })
  }

  async #evaluate(program: Program, state: State, name: string, payload: Json): Promise<Json> {
    const { plan } = program
    const input = checkedPayload(program, 'query', name, payload)
    if (plan.queries[name]?.schema === undefined && payload !== null) {
      throw new EngineError(
        'QueryInvalid',
        `the query '${name}' of ${plan.name}@${plan.version} takes no payload`,
        {
          suggestion: 'give the query the keys `schema` and `return` to let it take one',
        },
      )
    }
    try {
      return await this.#driver.parts.interpreter.evaluateQuery(program, state, name, input)
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      const code = thrown.shape.type === 'LimitExceeded' ? 'LimitExceeded' : 'QueryFailed'
      throw new EngineError(code, `the query '${name}' of ${plan.name}@${plan.version}: ${thrown.message}`, {
        details: { type: thrown.shape.type },
      })
    }
  }

  async describe(ref: ExecutionRef): Promise<ExecutionDescription> {
    const local = this.#driver.runs.find(ref.namespace, ref.workflowId, ref.runId)
    const summary = await this.find(ref)
    const { interpreter } = this.#driver.parts
    if (local !== undefined && local.runId === summary.runId && summary.status === 'running') {
      try {
        return await local.inspect((state) => {
          const seen = { program: local.program, state, loaded: local, historyLength: local.historyLength }
          return descriptionOf(interpreter, summary, seen)
        })
      } catch (thrown) {
        if (!(thrown instanceof RunGone)) throw thrown
      }
    }
    return descriptionOf(
      interpreter,
      await this.find({ ...ref, runId: summary.runId }),
      await this.#seen(summary.runId),
    )
  }

  async #seen(runId: string): Promise<Seen> {
    try {
      return { ...(await this.#folded(runId)), loaded: null }
    } catch (thrown) {
      // A parked run is described by its reason; it has no state to show.
      if (thrown instanceof EngineError && thrown.code === 'QueryFailed') {
        return { program: null, state: null, loaded: null, historyLength: 0 }
      }
      throw thrown
    }
  }

  async #folded(runId: string): Promise<{
    readonly program: Program
    /** Null: it is born and has not begun. */
    readonly state: State | null
    readonly historyLength: number
  }> {
    const loaded: LoadedRun | null = await this.#driver.parts.storage.runs.load(runId)
    if (loaded === null) {
      throw new EngineError('ExecutionNotFound', `no run '${runId}'`)
    }
    try {
      const { program, folded } = await this.#driver.admission.fold(loaded)
      return { program, state: folded.state, historyLength: folded.nextEventId - 1 }
    } catch (thrown) {
      if (thrown instanceof ProgramError || thrown instanceof FoldError) {
        throw new EngineError('QueryFailed', `the run cannot be loaded: ${thrown.message}`, { cause: thrown })
      }
      throw thrown
    }
  }
}

function listItem(summary: ExecutionSummary): ExecutionListItem {
  const { workflowId, runId, workflow, version, status, startedAt, closedAt } = summary
  return {
    workflowId,
    runId,
    workflow,
    version,
    status,
    startedAt: new Date(startedAt).toISOString(),
    closedAt: closedAt === null ? null : new Date(closedAt).toISOString(),
  }
}
