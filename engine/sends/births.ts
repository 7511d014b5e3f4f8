/**
 * Runs that a turn brings into being: children, and the next run of a chain. Owns what is found out before the commit
 * (which version, does the input fit) and the first messages of the new run. A birth that cannot be is told to the
 * parent as an input of its own; a chain that cannot go on ends in its next run, which says why.
 */
import type { ErrorShape } from '../../interpreter/errors/fault.ts'
import type { Outgoing } from '../../interpreter/outgoing.ts'
import type { Program } from '../../interpreter/program.ts'
import type { State } from '../../interpreter/state.ts'
import { absentInput } from '../../schema/input.ts'
import type { Json } from '../../schema/json.ts'
import type { ParentLink, VisibilityStore } from '../../storage/contract.ts'
import type { Definitions } from '../calls/definitions.ts'
import { checkedInput, errorShapeOf } from '../doors/payload-checks.ts'
import { checkId } from '../doors/request-texts.ts'
import { EngineError } from '../engine-error.ts'
import { messageText, sentAt } from '../messages.ts'
import { ProgramError, type Programs } from '../programs.ts'
import type { DecidedTurn, SendsDraft } from './draft.ts'
import type { FirstEvents } from './first-events.ts'

type StartChild = Outgoing & { readonly kind: 'startChild' }
type ContinueAsNew = Outgoing & { readonly kind: 'continueAsNew' }

/** A program and an input that fits it, or why there is none. */
type Fitting =
  | { readonly program: Program; readonly input: Json }
  | { readonly program: null; readonly error: ErrorShape }

export class Births {
  readonly #definitions: Pick<Definitions, 'resolve'>
  readonly #programs: Pick<Programs, 'get'>
  readonly #firstEvents: FirstEvents
  readonly #visibility: Pick<VisibilityStore, 'find'>

  constructor(parts: {
    readonly definitions: Pick<Definitions, 'resolve'>
    readonly programs: Pick<Programs, 'get'>
    readonly firstEvents: FirstEvents
    readonly visibility: Pick<VisibilityStore, 'find'>
  }) {
    this.#definitions = parts.definitions
    this.#programs = parts.programs
    this.#firstEvents = parts.firstEvents
    this.#visibility = parts.visibility
  }

  async child(turn: DecidedTurn, outgoing: StartChild, draft: SendsDraft): Promise<void> {
    const { run, state } = turn
    const { childId, workflow, workflowId, runId, attempt, initiatedAt } = outgoing
    const timestamp = sentAt(turn)
    const refuse = (error: ErrorShape) =>
      messageText({ type: 'StartChildWorkflowExecutionFailed', timestamp, childId, error })
    const fitting = await this.#fitting(run.namespace, workflow, outgoing.versionRange, outgoing.input, () =>
      checkId('the workflow id', workflowId),
    )
    if (fitting.program === null) {
      draft.notes.push(refuse(fitting.error))
      return
    }
    const { program, input } = fitting
    const { version } = program.plan
    const parent: ParentLink = { workflowId: run.workflowId, runId: run.runId, childId }
    const first = this.#firstEvents.of(program, {
      workflowId,
      runId,
      timestamp: initiatedAt,
      input,
      attempt,
      parent: { workflowId: run.workflowId, runId: run.runId },
      childId,
      ...taskQueueOf(state),
    })
    draft.births.push({
      runId,
      run: {
        namespace: run.namespace,
        workflowId,
        workflow,
        version,
        startedAt: initiatedAt,
        owned: false,
        idReuse: 'allow',
        requestId: null,
        memo: null,
        searchAttributes: null,
        firstRunId: null,
        parent,
      },
      inbox: [messageText(first)],
      whenBorn: messageText({
        type: 'ChildWorkflowExecutionStarted',
        timestamp,
        childId,
        workflowId,
        runId,
        version,
      }),
      whenTaken: refuse({
        type: 'WorkflowAlreadyRunning',
        message: `an execution with the workflow id '${workflowId}' is running`,
        details: { workflowId },
        retryable: true,
      }),
    })
  }

  async successor(turn: DecidedTurn, outgoing: ContinueAsNew, draft: SendsDraft): Promise<void> {
    const { run, state } = turn
    const { newRunId: runId, deadlineAt } = outgoing
    const { namespace, workflowId, workflow } = run
    const timestamp = sentAt(turn)
    const fitting = await this.#fitting(
      namespace,
      workflow,
      outgoing.version ?? run.version,
      outgoing.input,
      () => {},
    )
    const program = fitting.program ?? (await this.#programs.get(namespace, workflow, run.version)).program
    const { memo, searchAttributes } = await this.#shown(turn)
    const { parent } = state.workflow
    const first = this.#firstEvents.of(program, {
      workflowId,
      runId,
      timestamp,
      input: fitting.program === null ? outgoing.input : fitting.input,
      attempt: state.workflow.attempt,
      parent,
      ...taskQueueOf(state),
      ...(memo !== null && { memo: JSON.parse(memo) as Json }),
      ...(searchAttributes !== null && { searchAttributes: JSON.parse(searchAttributes) as Json }),
      ...(state.childId !== null && { childId: state.childId }),
      firstRunId: state.firstRunId,
      continuedFrom: run.runId,
      ...(deadlineAt !== undefined && { deadlineAt }),
      ...(fitting.program === null && { refused: fitting.error }),
    })
    draft.successor = {
      runId,
      run: {
        namespace,
        workflowId,
        workflow,
        version: program.plan.version,
        startedAt: timestamp,
        owned: false,
        idReuse: 'allow',
        requestId: null,
        memo,
        searchAttributes,
        firstRunId: state.firstRunId,
        parent: parent === null || state.childId === null ? null : { ...parent, childId: state.childId },
      },
      inbox: [
        messageText(first),
        ...outgoing.signals.map(({ signal, input }) =>
          messageText({ type: 'WorkflowSignalReceived', timestamp, signal, input }),
        ),
      ],
    }
  }

  /** Rejects where the store cannot be reached: then the turn is not written, and made again. */
  async #fitting(
    namespace: string,
    workflow: string,
    wanted: string | undefined,
    given: Json,
    check: () => void,
  ): Promise<Fitting> {
    try {
      check()
      const { version } = await this.#definitions.resolve(namespace, workflow, wanted)
      const { program } = await this.#programs.get(namespace, workflow, version)
      // A step that names no input gives null.
      const value = given ?? absentInput(program.plan.inputSchema)
      const { input } = checkedInput(program, value, this.#firstEvents.payloadBytes)
      return { program, input }
    } catch (thrown) {
      if (thrown instanceof ProgramError) {
        return {
          program: null,
          error: { type: 'WorkflowNotFound', message: thrown.message, retryable: false },
        }
      }
      if (!(thrown instanceof EngineError)) throw thrown
      const type = thrown.code === 'RequestInvalid' ? 'InputInvalid' : thrown.code
      return { program: null, error: errorShapeOf(thrown, type) }
    }
  }

  /** What lists show of the chain goes along; it is not in the state, and so seldom needed that it is asked for. */
  async #shown({
    run,
    start,
  }: DecidedTurn): Promise<{ readonly memo: string | null; readonly searchAttributes: string | null }> {
    if (start !== null) return start
    const summary = await this.#visibility.find(run.namespace, run.workflowId, run.runId)
    return summary ?? { memo: null, searchAttributes: null }
  }
}

/** Children and next runs work on the queue that the run was started for. */
function taskQueueOf(state: State): { readonly taskQueue?: string } {
  return state.taskQueue === 'default' ? {} : { taskQueue: state.taskQueue }
}
