/**
 * Signals to a state machine. Nothing is buffered: a transition of the state takes one, or it is refused to its sender
 * and leaves no trace. While a state is left it is recorded, waits for the next state, and is answered then.
 * Owns who takes what; called by the turn loop.
 */
import type { Json } from '../schema/json.ts'
import type { WorkflowSignalReceived } from './events.ts'
import type { EvaluationContext } from './expressions/contract.ts'
import { Fault } from './fault.ts'
import { nextRandom, type RandomState } from './random.ts'
import { signalReceived } from './signals.ts'
import type { StateMove, StateSignal } from './state.ts'
import { beginLeaving, firstThatHolds, type Machine, machineOf, stateOf } from './states.ts'
import { answer, refuse, refuseClosed } from './states-answers.ts'
import type { Turn } from './turn.ts'

export async function stateSignalOffered(turn: Turn, event: WorkflowSignalReceived): Promise<void> {
  const { state, program } = turn
  if (state.paused !== null) {
    return refuse(turn, event.replyTo, 'ExecutionPaused', 'the execution is paused: resume it first')
  }
  if (program.plan.signals[event.signal]?.block !== undefined) return handlerOffered(turn, event)
  const machine = machineOf(turn)
  if (machine === undefined) return refuseClosed(turn, event.replyTo)
  const signal: StateSignal = {
    signal: event.signal,
    payload: event.input,
    ...(event.replyTo !== undefined && { replyTo: event.replyTo }),
  }
  if (!isOpen(machine) || machine.frame.waiting.length > 0) {
    turn.events.push(event)
    machine.frame.waiting.push(signal)
    return
  }
  const verdict = await judge(turn, machine, signal)
  if ('refused' in verdict) return refuse(turn, signal.replyTo, 'SignalNotExpected', ...verdict.refused)
  turn.events.push(event)
  take(turn, machine, signal, verdict.taken)
}

/**
 * Offers what waited to the state that was entered, in order of arrival, once nothing else can go on: the steps of the
 * state have begun by then, as they would have for a signal that comes a moment later. True where one was taken.
 */
export async function offerWaitingSignal(turn: Turn): Promise<boolean> {
  const machine = machineOf(turn)
  if (machine === undefined) return false
  const { frame } = machine
  while (isOpen(machine)) {
    const signal = frame.waiting.shift()
    if (signal === undefined) return false
    const verdict = await judge(turn, machine, signal)
    if ('taken' in verdict) {
      take(turn, machine, signal, verdict.taken)
      return true
    }
    refuse(turn, signal.replyTo, 'SignalNotExpected', ...verdict.refused)
  }
  return false
}

/** A signal with steps of its own has a handler in any state. */
function handlerOffered(turn: Turn, event: WorkflowSignalReceived): void | Promise<void> {
  const { phase } = turn.state
  const takesSignals =
    phase.kind === 'running' || (phase.kind === 'draining' && phase.outcome.kind === 'completed')
  if (!takesSignals) return refuseClosed(turn, event.replyTo)
  turn.events.push(event)
  answer(turn, event.replyTo, { kind: 'completed', result: null })
  return signalReceived(turn, event.signal, event.input)
}

/** A state can be left by a signal while it is not being left or entered. */
function isOpen({ frame }: Machine): boolean {
  return frame.stage === 'do' || frame.stage === 'resting'
}

type Verdict =
  | { readonly taken: StateMove }
  | { readonly refused: readonly [message: string, details: Json, cause: Fault | null] }

/** Takes random numbers from a copy, which counts where the signal is taken alone: a refused one changes nothing. */
async function judge(turn: Turn, machine: Machine, { signal, payload }: StateSignal): Promise<Verdict> {
  const { frame, step } = machine
  const { on } = stateOf(step, frame.state)
  const random: RandomState = [...turn.state.random]
  const context: EvaluationContext = {
    now: turn.state.now,
    random: () => nextRandom(random),
    limits: turn.state.limits,
  }
  const locals = { signal: payload }
  let cause: Fault | null = null
  try {
    const index = await firstThatHolds(turn, on[signal] ?? [], locals, context)
    if (index !== undefined) {
      turn.state.random = random
      return { taken: { trigger: 'signal', signal, place: ['on', signal, index], locals } }
    }
  } catch (thrown) {
    // A payload that a guard cannot judge is its sender's affair, as one that the guard turns down: the run goes on.
    if (!(thrown instanceof Fault)) throw thrown
    cause = thrown
  }
  const expected = Object.keys(on).filter((name) => name !== signal)
  const others = expected.length === 0 ? 'no other signal' : expected.map((name) => `\`${name}\``).join(', ')
  const why = on[signal] === undefined ? 'takes no' : 'has no transition whose `when` holds for this'
  const message = `the state \`${frame.state}\` ${why} signal \`${signal}\`; it would take ${others}`
  return { refused: [message, { state: frame.state, signal, expected }, cause] }
}

function take(turn: Turn, machine: Machine, { replyTo }: StateSignal, move: StateMove): void {
  answer(turn, replyTo, { kind: 'completed', result: null })
  beginLeaving(turn, machine, move)
}
