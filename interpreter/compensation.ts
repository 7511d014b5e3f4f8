/**
 * The saga: what was done is pushed when its step finishes, and undone in reverse order of completion (keeps I9).
 * Owns the stack; each entry runs as a fiber of its own with its own retries.
 * Nothing cancels one: while a run is undone, cancellations and deadlines of the run are ignored (`closing.ts`).
 */
import type { Json, JsonObject } from '../schema/json.ts'
import type { PlanCompensation, PlanStep, References } from '../schema/plan.ts'
import type { Scope } from './expressions/contract.ts'
import { engineFault } from './faults.ts'
import { spawnFiber } from './fibers.ts'
import { joinPath, stepPath } from './paths.ts'
import { scopeOf } from './scope.ts'
import type { ClosingOutcome, CompensationEntry, Completion, Fiber, FiberRole } from './state.ts'
import { decide, type Turn } from './turn.ts'

export function pushCompensation(
  turn: Turn,
  fiber: Fiber,
  step: PlanStep,
  compensation: PlanCompensation,
): void {
  turn.state.compensations.push({
    step: step.id,
    path: stepPath(fiber, step.id),
    block: compensation.block,
    captured: capture(scopeOf(turn.state, fiber), compensation.captures),
  })
}

/** The values that a compensation names are those of the moment when its step finished. */
function capture(scope: Scope, names: References): CompensationEntry['captured'] {
  if (names.steps === '*' && names.vars === '*') return captureAll(scope)
  const vars = (scope.root('vars') ?? {}) as JsonObject
  return {
    vars:
      names.vars === '*'
        ? { ...vars }
        : pick(names.vars, (name) => (Object.hasOwn(vars, name) ? vars[name] : undefined)),
    steps:
      names.steps === '*'
        ? { ...(scope.all()['steps'] as JsonObject) }
        : pick(names.steps, (id) => scope.result(id)),
    roots: pick(names.roots.filter(isLocal), (name) => scope.root(name)),
  }
}

/** For an expression that takes the whole scope (`$`, `$lookup($, name)`). */
function captureAll(scope: Scope): CompensationEntry['captured'] {
  const all = scope.all()
  return {
    vars: { ...(all['vars'] as JsonObject) },
    steps: { ...(all['steps'] as JsonObject) },
    roots: pick(Object.keys(all).filter(isLocal), (name) => all[name]),
  }
}

/** `input` and `workflow` never change, `vars` and `steps` are kept by name. */
function isLocal(root: string): boolean {
  return root !== 'input' && root !== 'workflow' && root !== 'vars' && root !== 'steps'
}

function pick(names: readonly string[], read: (name: string) => Json | undefined): { [name: string]: Json } {
  const picked: { [name: string]: Json } = {}
  for (const name of names) {
    const value = read(name)
    if (value !== undefined) picked[name] = value
  }
  return picked
}

/** Starts the next entry of the stack, or ends the saga. */
export function undoNext(turn: Turn): void {
  const { phase, compensations } = turn.state
  if (phase.kind !== 'compensating') return
  const entry = compensations.pop()
  if (entry === undefined) {
    undone(turn, phase.outcome, phase.notUndone as typeof phase.notUndone & readonly Json[])
    return
  }
  decide(turn, { type: 'CompensationScheduled', step: entry.step, path: entry.path })
  spawnFiber(turn, {
    role: { kind: 'compensation', step: entry.step, path: entry.path },
    parent: null,
    path: joinPath(entry.path, 'compensate'),
    block: entry.block,
    scope: {
      results: { ...entry.captured.steps },
      locals: { ...entry.captured.roots, vars: entry.captured.vars },
    },
  })
}

export function compensationEnded(
  turn: Turn,
  role: Extract<FiberRole, { kind: 'compensation' }>,
  completion: Completion,
): void {
  const { phase } = turn.state
  if (phase.kind !== 'compensating') return
  if (completion.kind === 'throw') {
    const failed = { step: role.step, path: role.path, error: completion.error }
    turn.state.phase = { ...phase, notUndone: [...phase.notUndone, failed] }
  }
  undoNext(turn)
}

/** The saga is over; what could not be undone decides how the run closes. */
function undone(turn: Turn, outcome: ClosingOutcome, notUndone: readonly Json[]): void {
  if (outcome.kind === 'completed' || notUndone.length === 0) return settleOutcome(turn, outcome)
  const error = engineFault(
    'CompensationFailed',
    `${notUndone.length} of the steps that were done could not be undone`,
    {},
    { details: notUndone, cause: outcome.error },
  )
  if (outcome.kind === 'timedOut')
    settleOutcome(turn, { kind: 'timedOut', error: { ...outcome.error, cause: error } })
  else settleOutcome(turn, { kind: 'failed', error })
}

function settleOutcome(turn: Turn, outcome: ClosingOutcome): void {
  turn.state.phase = { kind: 'undone', outcome }
}
