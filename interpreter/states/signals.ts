/**
 * Signals to a state machine. Nothing is buffered: a transition of the state takes one, or a step of it that waits for
 * one, else it is refused to its sender and leaves no trace. While a state is left it is recorded, waits for the next
 * state, and is answered then.
 * Owns who takes what; called by the turn loop.
 */
import type { Json } from '../../schema/json.ts'
import type { PlanTransition } from '../../schema/plan.ts'
import { Fault } from '../errors/fault.ts'
import type { WorkflowSignalReceived } from '../events.ts'
import { trialContext } from '../fibers/trial-context.ts'
import type { Turn } from '../fibers/turn.ts'
import { giveSignal, signalReceived, waitThatPicks } from '../messages/signals.ts'
import { startDelayOf } from '../start-delay.ts'
import type { SignalWait, StateMove, StateSignal } from '../state.ts'
import { answer, refuse, refuseClosed } from './answers.ts'
import { beginLeaving, firstThatHolds, type Machine, machineOf, stateOf } from './states.ts'

export async function stateSignalOffered(turn: Turn, event: WorkflowSignalReceived): Promise<void> {
  const { state, program } = turn
  if (state.paused !== null) {
    return refuse(turn, event.replyTo, 'ExecutionPaused', 'the execution is paused: resume it first')
  }
  if (program.plan.signals[event.signal]?.block !== undefined) return handlerOffered(turn, event)
  const machine = machineOf(turn)
  const signal: StateSignal = {
    signal: event.signal,
    payload: event.input,
    ...(event.replyTo !== undefined && { replyTo: event.replyTo }),
  }
  const waiting = machine?.frame.waiting ?? []
  // Behind those that came before it, which a cut turn has not offered yet.
  const isBehind = isOpen(machine) && waiting.length > 0
  const verdict: Verdict = isBehind ? later : await judge(turn, machine, signal)
  if (verdict.kind === 'refused') return refuseUnexpected(turn, signal, verdict)
  if (verdict.kind === 'closed') return refuseClosed(turn, signal.replyTo)
  turn.events.push(event)
  if (verdict.kind === 'later') waiting.push(signal)
  else take(turn, machine, signal, verdict)
}

/**
 * Offers what waited to the state that was entered, in order of arrival, once nothing else can go on: the steps of the
 * state have begun by then, as they would have for a signal that comes a moment later. True where one was taken.
 */
export async function offerWaitingSignal(turn: Turn): Promise<boolean> {
  const machine = machineOf(turn)
  if (machine === undefined) return false
  const { waiting } = machine.frame
  for (let at = 0; at < waiting.length; ) {
    const signal = waiting[at]
    if (signal === undefined) break
    const verdict = await judge(turn, machine, signal)
    if (verdict.kind === 'later') {
      at += 1
      continue
    }
    waiting.splice(at, 1)
    if (verdict.kind === 'moves' || verdict.kind === 'waitedFor') {
      take(turn, machine, signal, verdict)
      return true
    }
    if (verdict.kind === 'refused') refuseUnexpected(turn, signal, verdict)
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
function isOpen(machine: Machine | undefined): machine is Machine {
  return machine?.frame.stage === 'do' || machine?.frame.stage === 'resting'
}

type Verdict =
  | { readonly kind: 'later' }
  /** The main line has left the machine; a handler under way may still wait for signals. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'moves'; readonly move: StateMove }
  | { readonly kind: 'waitedFor'; readonly wait: SignalWait }
  | Refused

interface Refused {
  readonly kind: 'refused'
  readonly message: string
  readonly details: Json
  readonly cause: Fault | null
}

const later: Verdict = { kind: 'later' }

/**
 * A transition of the state, else a step of it that waits for the signal, else nobody. Takes random numbers from a copy,
 * which counts where the signal is taken alone: a refused one changes nothing.
 */
async function judge(
  turn: Turn,
  machine: Machine | undefined,
  { signal, payload }: StateSignal,
): Promise<Verdict> {
  const { state } = turn
  const { context, random } = trialContext(state)
  const locals = { signal: payload }
  try {
    const index = isOpen(machine)
      ? await firstThatHolds(turn, transitionsFor(machine, signal), locals, context)
      : undefined
    const wait = index === undefined ? await waitThatPicks(turn, signal, payload, context) : undefined
    if (index !== undefined || wait !== undefined) state.random = random
    if (index !== undefined) {
      return { kind: 'moves', move: { trigger: 'signal', signal, place: ['on', signal, index], locals } }
    }
    if (wait !== undefined) return { kind: 'waitedFor', wait }
  } catch (thrown) {
    // A payload that a guard cannot judge is its sender's affair, as one that the guard turns down: the run goes on.
    if (!(thrown instanceof Fault)) throw thrown
    if (isOpen(machine)) return unexpected(turn, machine, signal, thrown)
  }
  if (machine === undefined) return withoutMachine(turn, signal)
  return isOpen(machine) ? unexpected(turn, machine, signal, null) : later
}

function withoutMachine({ state }: Turn, signal: string): Verdict {
  if (startDelayOf(state) === undefined) return { kind: 'closed' }
  const message = `the execution has not begun: it takes no signal \`${signal}\` before its first state is entered`
  return { kind: 'refused', message, details: { state: null, signal, expected: [] }, cause: null }
}

function transitionsFor({ frame, step }: Machine, signal: string): readonly PlanTransition[] {
  const { on } = stateOf(step, frame.state)
  return Object.hasOwn(on, signal) ? (on[signal] ?? []) : []
}

function unexpected(turn: Turn, { frame, step }: Machine, signal: string, cause: Fault | null): Refused {
  const { on } = stateOf(step, frame.state)
  const awaited = Object.values(turn.state.signalWaits).map((wait) => wait.signal)
  const expected = [...new Set([...Object.keys(on), ...awaited])].filter((name) => name !== signal)
  const others = expected.length === 0 ? 'no other' : expected.map((name) => `\`${name}\``).join(', ')
  const why = !Object.hasOwn(on, signal) ? 'takes no' : 'has no transition whose `when` holds for this'
  const message = `the state \`${frame.state}\` ${why} signal \`${signal}\`; it would take ${others}`
  return { kind: 'refused', message, details: { state: frame.state, signal, expected }, cause }
}

function refuseUnexpected(turn: Turn, { replyTo }: StateSignal, refused: Refused): void {
  refuse(turn, replyTo, 'SignalNotExpected', refused.message, refused.details, refused.cause)
}

function take(
  turn: Turn,
  machine: Machine | undefined,
  { replyTo, payload }: StateSignal,
  verdict: Extract<Verdict, { kind: 'moves' | 'waitedFor' }>,
): void {
  answer(turn, replyTo, { kind: 'completed', result: null })
  if (verdict.kind === 'waitedFor') giveSignal(turn, verdict.wait, payload)
  else if (machine !== undefined) beginLeaving(turn, machine, verdict.move)
}
