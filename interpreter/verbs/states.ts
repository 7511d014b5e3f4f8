/**
 * `states`: the state-machine form, one step alone in the main line. A state is entered, its `do` runs, `next` is tried,
 * else it rests; a transition leaves it: what runs is canceled, then the transition's `set` and `do`, then the next.
 *
 * `catch` of a state deals with what goes wrong in it: its `do`, and the expressions of its own `after`, `next` and
 * `return`. What its `fail` raises, and an error on the way (`set` and `do` of a transition), leaves the machine and
 * fails the run: the state it came from is over and the next has not begun. While a state is canceled because it is
 * left, the transition stands: what the cleaning up raises or returns is dropped, as in the losers of a join; only a
 * cancellation from outside goes through.
 */
import type { BlockKey, StatesStep } from '../../schema/plan.ts'
import { matchesType } from '../errors/error-patterns.ts'
import { errorAsJson } from '../errors/fault.ts'
import { limitFault } from '../errors/faults.ts'
import { render } from '../expressions/render.ts'
import { cancelDepthReached, dropHeldCancel, takeHeldCancel } from '../fibers/cancellation.ts'
import { faultAt } from '../fibers/fault-at.ts'
import { runScope } from '../fibers/scope.ts'
import { decide, type Turn } from '../fibers/turn.ts'
import { joinPath, stepPath } from '../paths.ts'
import { startTimer } from '../pending/timers.ts'
import type { Completion, Fiber, StateMove, StatesFrame } from '../state.ts'
import { refuseWaiting } from '../states/answers.ts'
import { firstThatHolds, startLeaving, stateOf, stopTimers, transitionOf } from '../states/states.ts'
import { stepsInside } from '../step-blocks.ts'
import { resolveDuration } from '../templates/durations.ts'
import { withinPayload, withinVariable } from '../templates/payload.ts'
import { raised } from './fail.ts'
import { done, type Move, type Verb, waiting } from './verb.ts'

type Thrown = Extract<Completion, { kind: 'throw' }>

export const statesVerb: Verb<StatesStep, StatesFrame> = {
  enter(turn, fiber, step) {
    const frame: StatesFrame = {
      kind: 'step',
      verb: 'states',
      step: step.id,
      state: step.initial,
      stage: 'entering',
      after: {},
      waiting: [],
    }
    fiber.frames.push(frame)
    return goOn(turn, fiber, frame, step)
  },

  async resume(turn, fiber, frame, step, completion) {
    const depth = fiber.frames.length - 1
    // The cancellation by which the state was left, where it never found a place to be delivered.
    dropHeldCancel(fiber, depth + 1)
    const isLeft = frame.stage === 'leaving' && !cancelDepthReached(completion, depth + 1)
    let ended: Completion = isLeft ? { kind: 'normal' } : completion
    if (ended.kind === 'normal') ended = takeHeldCancel(fiber) ?? ended
    if (ended.kind === 'normal') return goOn(turn, fiber, frame, step)
    if (ended.kind !== 'throw' || !mayCatch(turn, frame, ended, depth)) return leave(turn, frame, ended)
    return (await handle(turn, fiber, frame, step, ended)) ?? goOn(turn, fiber, frame, step)
  },

  /** It stands here alone while it rests. */
  cancel() {
    return 'unwind'
  },
}

/**
 * A cancellation from outside may be caught by the state, also while that is left, where somebody asked for it. A run that
 * passed its timeout, or failed in a handler, ends whatever is caught: it must not come to rest in another state.
 */
function mayCatch(turn: Turn, frame: StatesFrame, thrown: Thrown, depth: number): boolean {
  if (!cancelDepthReached(thrown, depth + 1)) return isInState(frame)
  return turn.state.ending?.kind === 'cancel' && (frame.stage === 'leaving' || isInState(frame))
}

function isInState({ stage }: StatesFrame): boolean {
  return stage === 'do' || stage === 'resting'
}

/** Goes from stage to stage until something runs above or must be waited for. A loop: states may follow each other for long. */
async function goOn(turn: Turn, fiber: Fiber, frame: StatesFrame, step: StatesStep): Promise<Move> {
  for (;;) {
    const move = await nextStage(turn, fiber, frame, step)
    if (move !== undefined) return move
  }
}

/** What comes when the stage is over. Undefined: at once the next one. */
async function nextStage(
  turn: Turn,
  fiber: Fiber,
  frame: StatesFrame,
  step: StatesStep,
): Promise<Move | undefined> {
  try {
    switch (frame.stage) {
      case 'entering':
        return await enterState(turn, fiber, frame, step)
      case 'do':
        return await endState(turn, fiber, frame, step)
      case 'resting':
        return waiting
      case 'leaving':
        return await startMoving(turn, fiber, frame, step)
      case 'moving':
        frame.stage = 'entering'
        return undefined
      default:
        return frame.stage satisfies never
    }
  } catch (thrown) {
    const failure: Thrown = { kind: 'throw', error: faultAt(fiber, step.id, thrown) }
    return isInState(frame) ? await handle(turn, fiber, frame, step, failure) : leave(turn, frame, failure)
  }
}

async function enterState(
  turn: Turn,
  fiber: Fiber,
  frame: StatesFrame,
  step: StatesStep,
): Promise<Move | undefined> {
  const { state } = turn
  // A state counts as a step: states without any must not keep a turn for ever.
  if (turn.steps >= state.limits.turnSteps) {
    turn.cut = true
    fiber.resume = { kind: 'normal' }
    state.ready.push(fiber.id)
    return waiting
  }
  turn.steps += 1
  const { moving } = frame
  if (moving !== undefined) {
    const { trigger, signal } = moving
    const { to } = transitionOf(step, frame, moving)
    const from = frame.state
    countOwnMoves(turn, frame, moving)
    decide(turn, { type: 'StateTransitioned', from, to, trigger, ...(signal !== undefined && { signal }) })
    frame.state = to
    delete frame.moving
  }
  state.workflow.state = frame.state
  frame.stage = 'do'
  const { after, block } = stateOf(step, frame.state)
  const delays: number[] = []
  for (const { delay } of after) delays.push(await resolveDuration(turn, runScope(state), delay))
  const path = joinPath(stepPath(fiber, step.id), frame.state)
  for (const [index, delayMs] of delays.entries()) {
    frame.after[startTimer(turn, fiber, step.id, path, 'after', state.now + delayMs)] = index
  }
  return block === undefined ? undefined : enterAnew(turn, block)
}

/** States that lead to each other by themselves are a loop, and bounded as one. */
function countOwnMoves({ state }: Turn, frame: StatesFrame, { trigger }: StateMove): void {
  if (trigger === 'signal' || trigger === 'after') {
    delete frame.ownMoves
    return
  }
  const { loopIterations } = state.limits
  const moves = (frame.ownMoves ?? 0) + 1
  if (moves > loopIterations) {
    throw limitFault(
      'loopIterations',
      loopIterations,
      `state \`${frame.state}\` would be left by \`${trigger}\` once more, and no signal or \`after\` came between`,
    )
  }
  frame.ownMoves = moves
}

/** Steps that are skipped this time have no result, whatever they gave when they ran before. */
function enterAnew(turn: Turn, block: BlockKey, locals?: StateMove['locals']): Move {
  for (const id of stepsInside(turn.program.plan, block)) delete turn.state.results[id]
  return { kind: 'enter', block, ...(locals !== undefined && { locals }) }
}

/** The state's `do` has ended. */
async function endState(
  turn: Turn,
  fiber: Fiber,
  frame: StatesFrame,
  step: StatesStep,
): Promise<Move | undefined> {
  const { ending, next } = stateOf(step, frame.state)
  if (ending?.kind === 'return') {
    const value = await render(turn.program, ending.value, runScope(turn.state), turn.context)
    return leave(turn, frame, {
      kind: 'return',
      value: withinPayload(turn.state.limits, value, 'the result'),
    })
  }
  if (ending !== undefined) return leave(turn, frame, await raised(turn, fiber, step.id, ending.failure))
  const index = await firstThatHolds(turn, next, {})
  if (index === undefined) {
    frame.stage = 'resting'
    return waiting
  }
  startLeaving(turn, frame, { trigger: 'next', place: ['next', 0, index], locals: {} })
  return undefined
}

/** Nothing runs in the state any more: the transition's `set`, then its `do`. */
async function startMoving(
  turn: Turn,
  fiber: Fiber,
  frame: StatesFrame,
  step: StatesStep,
): Promise<Move | undefined> {
  const { failure, moving } = frame
  if (failure !== undefined) {
    delete frame.failure
    return handle(turn, fiber, frame, step, { kind: 'throw', error: failure })
  }
  if (moving === undefined) throw new Error('a state is left without a transition')
  const { assignments, block } = transitionOf(step, frame, moving)
  const scope = runScope(turn.state, moving.locals)
  const values: (readonly [name: string, value: Awaited<ReturnType<typeof render>>])[] = []
  for (const [name, template] of assignments) {
    const value = await render(turn.program, template, scope, turn.context)
    values.push([name, withinVariable(turn.state.limits, value, name)])
  }
  for (const [name, value] of values) turn.state.vars[name] = value
  frame.stage = block === undefined ? 'entering' : 'moving'
  return block === undefined ? undefined : enterAnew(turn, block, moving.locals)
}

/** The first entry of `catch` that takes the error leaves the state, else the error leaves the machine. */
async function handle(
  turn: Turn,
  fiber: Fiber,
  frame: StatesFrame,
  step: StatesStep,
  thrown: Thrown,
): Promise<Move | undefined> {
  const error = errorAsJson(thrown.error)
  try {
    for (const [index, entry] of stateOf(step, frame.state).catches.entries()) {
      if (!matchesType(entry.errors, thrown.error.type)) continue
      const holds = await firstThatHolds(turn, [entry.transition], { error, [entry.as]: error })
      if (holds === undefined) continue
      const locals = { [entry.as]: error }
      startLeaving(turn, frame, { trigger: 'catch', place: ['catch', 0, index], locals })
      const held = takeHeldCancel(fiber)
      return held && leave(turn, frame, held)
    }
  } catch (fault) {
    const failed = { ...faultAt(fiber, step.id, fault), cause: thrown.error }
    return leave(turn, frame, { kind: 'throw', error: failed })
  }
  return leave(turn, frame, thrown)
}

function leave(turn: Turn, frame: StatesFrame, completion: Completion): Move {
  stopTimers(turn, frame)
  refuseWaiting(turn, frame.waiting)
  return done(completion)
}
