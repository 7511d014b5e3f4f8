/**
 * What callers see of executions: lists, descriptions and queries. Changes nothing; outcomes are `results.ts`'s, events
 * `histories.ts`'s.
 * A run that is loaded here is seen between two turns, with all that was committed; any other is folded from one
 * snapshot of the store and forgotten.
 */
import { Fault } from '../../interpreter/errors/fault.ts'
import type { Program } from '../../interpreter/program.ts'
import type { State } from '../../interpreter/state.ts'
import type { Json } from '../../schema/json.ts'
import type { ExecutionSummary, LoadedRun } from '../../storage/contract.ts'
import type { ExecutionDescription, ExecutionListItem, ExecutionRef, Page } from '../contract.ts'
import { checkedPayload, storablePayload } from '../doors/payload-checks.ts'
import type { Driver } from '../driver.ts'
import { EngineError } from '../engine-error.ts'
import type { EngineErrorCode } from '../error-catalogue.ts'
import { ProgramError } from '../programs.ts'
import { RunGone } from '../runs/execution.ts'
import { FoldError } from '../runs/load.ts'
import { findRun, lastOfChain } from '../waiting/chains.ts'
import { descriptionOf, type Seen } from './description.ts'
import { parseListQuery } from './list-query.ts'
import { pageLimit, readCursor, writeCursor } from './paging.ts'

const runIdShape = /^[0-9a-f-]{36}$/

export class Views {
  readonly #driver: Driver
  readonly #payloadBytes: number

  constructor(driver: Driver, payloadBytes: number) {
    this.#driver = driver
    this.#payloadBytes = payloadBytes
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
    const { runId } = await lastOfChain(visibility, await findRun(visibility, ref))
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
      const code = codeOfFault(thrown.shape.type)
      throw new EngineError(code, `the query '${name}' of ${plan.name}@${plan.version}: ${thrown.message}`, {
        details: { type: thrown.shape.type },
      })
    }
  }

  async describe(ref: ExecutionRef): Promise<ExecutionDescription> {
    const local = this.#driver.runs.find(ref.namespace, ref.workflowId, ref.runId)
    const { interpreter, storage } = this.#driver.parts
    const { visibility } = storage
    const summary = await findRun(visibility, ref)
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
      await findRun(visibility, { ...ref, runId: summary.runId }),
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

/** What went wrong in its template is told under its own name, as a workflow would see it. */
function codeOfFault(type: string): EngineErrorCode {
  return type === 'ExpressionUndefined' || type === 'ExpressionError' || type === 'LimitExceeded'
    ? type
    : 'QueryFailed'
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
