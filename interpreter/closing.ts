/**
 * How a run ends: the main steps end, handlers are waited for or canceled, the stack is undone, one event closes.
 * Owns the phases and the choice of the outcome (keeps I7: `close` is the only place that writes a closing decision).
 */
import { cancelFiber } from './cancellation.ts'
import { undoNext } from './compensation.ts'
import type { WorkflowError } from './fault.ts'
import { canceledError, engineFault, timeoutError } from './faults.ts'
import type { ClosingOutcome, Completion, Fiber, State } from './state.ts'
import { decide, type Turn } from './turn.ts'

export function mainEnded(turn: Turn, completion: Completion): void {
  const outcome = checked(turn, outcomeOf(turn.state, completion))
  turn.state.phase = { kind: 'draining', outcome }
  if (outcome.kind !== 'completed') cancelHandlers(turn)
  drain(turn)
}

export function handlerEnded(turn: Turn, completion: Completion): void {
  const { state } = turn
  if (completion.kind === 'throw') handlerFailed(turn, completion.error)
  if (state.phase.kind === 'draining') drain(turn)
}

/** An error in a signal's `do` fails the run; the error stands whatever the main steps then do. */
function handlerFailed(turn: Turn, error: WorkflowError): void {
  const { state } = turn
  const { phase } = state
  if (phase.kind === 'running') {
    if (state.ending?.kind !== 'timeout') state.ending = { kind: 'handler', error }
    cancelMain(turn)
  } else if (phase.kind === 'draining' && phase.outcome.kind === 'completed') {
    const canceled = state.ending?.kind === 'cancel' && error.type === 'Canceled'
    const timedOut = state.ending?.kind === 'timeout'
    const outcome: ClosingOutcome = timedOut
      ? executionTimeout()
      : { kind: canceled ? 'canceled' : 'failed', error: canceled ? runCanceled(state) : error }
    state.phase = { kind: 'draining', outcome }
    cancelHandlers(turn)
  }
}

export function cancelRequested(turn: Turn, reason: string | null): void {
  const { state } = turn
  if (state.phase.kind !== 'running' && state.phase.kind !== 'draining') return
  if (state.ending === null || state.ending.kind === 'cancel') state.ending = { kind: 'cancel', reason }
  if (state.phase.kind === 'running') cancelMain(turn)
  else cancelHandlers(turn)
}

export function executionTimedOut(turn: Turn): void {
  const { state } = turn
  if (state.phase.kind !== 'running' && !(state.phase.kind === 'draining' && handlers(state).length > 0))
    return
  state.ending = { kind: 'timeout' }
  if (state.phase.kind === 'running') cancelMain(turn)
  else {
    state.phase = { kind: 'draining', outcome: executionTimeout() }
    cancelHandlers(turn)
  }
}

export function terminate(turn: Turn, reason: string | null): void {
  const error = engineFault('Terminated', reason === null ? 'terminated' : `terminated: ${reason}`)
  forgetEverything(turn)
  turn.state.phase = { kind: 'closed', outcome: { kind: 'terminated', error } }
}

/**
 * Closes a run that has nothing left to do. Called when all inputs of the turn are taken, and not before: a signal
 * that was accepted stands in history before the closing event, and its `do` still runs (keeps I5, I7).
 */
export function closeIfOver(turn: Turn): void {
  const { state } = turn
  const { phase } = state
  const drained =
    phase.kind === 'draining' && phase.outcome.kind === 'completed' && handlers(state).length === 0
  if (drained || phase.kind === 'undone') close(turn, phase.outcome)
}

function outcomeOf(state: State, completion: Completion): ClosingOutcome {
  if (state.ending?.kind === 'timeout') return executionTimeout()
  if (state.ending?.kind === 'handler') return { kind: 'failed', error: state.ending.error }
  if (completion.kind === 'normal') return { kind: 'completed', result: null }
  if (completion.kind === 'return') return { kind: 'completed', result: completion.value }
  const canceled = state.ending?.kind === 'cancel' && completion.error.type === 'Canceled'
  return canceled
    ? { kind: 'canceled', error: { ...completion.error, message: runCanceled(state).message } }
    : { kind: 'failed', error: completion.error }
}

/** A result that the document's `output` does not allow fails the run, and what was done is undone. */
function checked(turn: Turn, outcome: ClosingOutcome): ClosingOutcome {
  const { checkOutput } = turn.program
  if (outcome.kind !== 'completed' || checkOutput === null) return outcome
  const verdict = checkOutput(outcome.result)
  if (verdict.ok) return outcome
  const errors = verdict.errors.map(({ path, message }) => ({ path, message }))
  const message = `the result does not match \`output\`: ${errors.map((one) => `${one.path || 'it'} ${one.message}`).join('; ')}`
  return { kind: 'failed', error: engineFault('OutputInvalid', message, {}, { details: { errors } }) }
}

function runCanceled(state: State): WorkflowError {
  return canceledError(null, '', state.ending?.kind === 'cancel' ? state.ending.reason : null)
}

function executionTimeout(): ClosingOutcome {
  return { kind: 'timedOut', error: timeoutError('Execution', 'the execution passed its timeout', {}) }
}

/** When no handler is under way, a run that ended badly is undone; one that completed waits for the end of the turn. */
function drain(turn: Turn): void {
  const { phase } = turn.state
  if (phase.kind !== 'draining' || handlers(turn.state).length > 0) return
  if (phase.outcome.kind === 'completed') return
  turn.state.phase = { kind: 'compensating', outcome: phase.outcome, notUndone: [] }
  undoNext(turn)
}

function close(turn: Turn, outcome: ClosingOutcome): void {
  forgetEverything(turn)
  turn.state.compensations = []
  turn.state.phase = { kind: 'closed', outcome }
  switch (outcome.kind) {
    case 'completed':
      return decide(turn, { type: 'WorkflowExecutionCompleted', result: outcome.result })
    case 'failed':
      return decide(turn, { type: 'WorkflowExecutionFailed', error: outcome.error })
    case 'canceled':
      return decide(turn, { type: 'WorkflowExecutionCanceled', error: outcome.error })
    case 'timedOut':
      return decide(turn, { type: 'WorkflowExecutionTimedOut', error: outcome.error })
    default:
      return outcome satisfies never
  }
}

/** What is still pending has no one to wait for it. */
function forgetEverything(turn: Turn): void {
  const { state } = turn
  for (const activity of Object.values(state.activitiesPending)) {
    turn.effects.push({ kind: 'forgetActivity', activityId: activity.id })
  }
  state.activitiesPending = {}
  state.timers = {}
  state.signalWaits = {}
  state.conditionWaits = {}
  state.fibers = {}
  state.ready = []
}

function handlers(state: State): Fiber[] {
  return Object.values(state.fibers).filter((fiber) => fiber.parent === null && fiber.role.kind === 'signal')
}

function cancelHandlers(turn: Turn): void {
  for (const fiber of handlers(turn.state)) cancelFiber(turn, fiber, 0)
}

function cancelMain(turn: Turn): void {
  for (const fiber of Object.values(turn.state.fibers)) {
    if (fiber.role.kind === 'main') cancelFiber(turn, fiber, 0)
  }
}
