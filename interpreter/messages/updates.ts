/**
 * Updates: validated, then handled beside the main steps, and answered once. Owns what is refused, and what the sender is
 * told; how handlers run is `handlers.ts`'s.
 */
import type { Json } from '../../schema/json.ts'
import type { ExpressionIndex } from '../../schema/plan.ts'
import { Fault, type WorkflowError, workflowError } from '../errors/fault.ts'
import { engineFault } from '../errors/faults.ts'
import type { UpdateOutcome, WorkflowUpdateAccepted } from '../events.ts'
import { evaluateCondition, render } from '../expressions/render.ts'
import { spawnFiber } from '../fibers/fibers.ts'
import { runScope, scopeOf } from '../fibers/scope.ts'
import { trialContext } from '../fibers/trial-context.ts'
import { decide, type Turn } from '../fibers/turn.ts'
import type { Answer } from '../outgoing.ts'
import type { Completion, Fiber, FiberRole } from '../state.ts'
import { withinPayload } from '../templates/payload.ts'
import { handlersUnderWay, takeHandlerIndex } from './handlers.ts'

type UpdateRole = Extract<FiberRole, { kind: 'update' }>

/** Records it where it is accepted; else it is answered and leaves no trace. */
export async function updateOffered(turn: Turn, event: WorkflowUpdateAccepted): Promise<void> {
  const { state } = turn
  const { update, updateId, input } = event
  // Delivered again while it is handled: the answer that will come is for both.
  if (handlersUnderWay(state).some(({ role }) => role.kind === 'update' && role.updateId === updateId)) return
  const refusal = refusalOf(turn, update) ?? (await rejection(turn, update, input))
  if (refusal !== null) return answer(turn, updateId, { kind: 'refused', error: refusal })
  turn.events.push(event)
  spawnFiber(turn, {
    role: { kind: 'update', update, updateId },
    parent: null,
    path: `updates.${update}[${takeHandlerIndex(state, `updates.${update}`)}]`,
    // Without `do` there are no steps under that address: the handler ends at once.
    block: turn.program.plan.updates[update]?.block ?? `updates/${update}`,
    scope: { results: {}, locals: { update: input } },
  })
}

/** The handler has ended; its fiber is still in the state, so that `return` sees its steps. */
export async function updateEnded(
  turn: Turn,
  fiber: Fiber,
  { update, updateId }: UpdateRole,
  completion: Completion,
): Promise<void> {
  const outcome: UpdateOutcome =
    completion.kind === 'throw'
      ? { kind: 'failed', error: completion.error }
      : await resultOf(turn, fiber, update)
  decide(turn, { type: 'WorkflowUpdateCompleted', update, updateId, outcome })
  answer(turn, updateId, outcome)
}

/**
 * The run is terminated with handlers of updates under way: their senders are told. The answer alone: the closing event
 * is the last one (keeps I7).
 */
export function closeUpdates(turn: Turn): void {
  for (const { role, path } of handlersUnderWay(turn.state)) {
    if (role.kind !== 'update') continue
    const message = `the run was terminated before the update \`${role.update}\` had ended`
    answer(turn, role.updateId, { kind: 'failed', error: engineFault('Terminated', message, { path }) })
  }
}

function answer(turn: Turn, updateId: string, given: Answer): void {
  turn.outgoing.push({
    kind: 'answer',
    to: { kind: 'caller', messageId: `update/${updateId}` },
    answer: given,
  })
}

function refusalOf({ program, state }: Turn, update: string): WorkflowError | null {
  if (state.paused !== null) return engineFault('ExecutionPaused', 'the execution is paused: resume it first')
  if (state.phase.kind !== 'running') {
    return engineFault('ExecutionClosed', 'the main steps have ended: the execution takes no more updates')
  }
  if (program.plan.updates[update] !== undefined) return null
  return engineFault('UpdateNotDeclared', `no update \`${update}\` is declared`)
}

/** Evaluated on trial: whatever comes of it, the state is as before. */
async function rejection(turn: Turn, update: string, payload: Json): Promise<WorkflowError | null> {
  const condition = turn.program.plan.updates[update]?.validate
  if (condition === undefined) return null
  try {
    if (await holdsOnTrial(turn, condition, payload)) return null
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    const cause = workflowError(thrown.shape)
    return engineFault('UpdateRejected', `\`validate\` failed: ${cause.message}`, {}, { cause })
  }
  const source = turn.program.plan.expressions[condition]?.source ?? ''
  return engineFault('UpdateRejected', `the update \`${update}\` does not satisfy \`${source}\``)
}

function holdsOnTrial({ program, state }: Turn, condition: ExpressionIndex, payload: Json): Promise<boolean> {
  const scope = runScope(state, { update: payload })
  return Promise.resolve(evaluateCondition(program, condition, scope, trialContext(state).context))
}

/** `return`, in the scope of the handler. */
async function resultOf(turn: Turn, fiber: Fiber, update: string): Promise<UpdateOutcome> {
  const template = turn.program.plan.updates[update]?.result
  if (template === undefined) return { kind: 'completed', result: null }
  try {
    const result = await render(turn.program, template, scopeOf(turn.state, fiber), turn.context)
    return {
      kind: 'completed',
      result: withinPayload(turn.state.limits, result, `the answer of the update \`${update}\``),
    }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return { kind: 'failed', error: workflowError(thrown.shape, { path: fiber.path }) }
  }
}
