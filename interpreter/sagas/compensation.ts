/**
 * Stacks of compensations: what was done is pushed when its step finishes (or is attempted), with the values that undoing
 * it will name, onto the stack of the nearest saga around it. Owns the stacks and their order (keeps I9); undoing one is
 * `undoing.ts`'s.
 */
import type { Json, JsonObject } from '../../schema/json.ts'
import type { PlanCompensation, PlanStep, References } from '../../schema/plan.ts'
import type { WorkflowError } from '../errors/fault.ts'
import { engineFault } from '../errors/faults.ts'
import type { Scope } from '../expressions/contract.ts'
import { parentOf } from '../fibers/parent-fiber.ts'
import { scopeOf } from '../fibers/scope.ts'
import { type Turn, takeId } from '../fibers/turn.ts'
import { stepPath } from '../paths.ts'
import type { CompensationEntry, Fiber, NotUndone, State } from '../state.ts'

/**
 * Called when the step has finished, or at its first attempt where that is when it counts; gives the entry's place in the
 * order. `attempted`: the place that its first attempt took, which it keeps, with the values of now.
 */
export function pushCompensation(
  turn: Turn,
  fiber: Fiber,
  step: PlanStep,
  compensation: PlanCompensation,
  attempted?: number,
): number {
  const captured = capture(turn.state, scopeOf(turn.state, fiber), compensation.captures)
  const stack = stackAround(turn.state, fiber, fiber.frames.length)
  const before = attempted === undefined ? undefined : stack.find(({ order }) => order === attempted)
  if (before !== undefined) {
    before.captured = captured
    return before.order
  }
  const order = takeId(turn)
  stack.push({ step: step.id, path: stepPath(fiber, step.id), block: compensation.block, order, captured })
  return order
}

/** The stack of the nearest saga group around the frame at `depth`, else the run's. */
export function stackAround(state: State, from: Fiber, depth: number): CompensationEntry[] {
  let top = depth
  for (let fiber: Fiber | undefined = from; fiber !== undefined; fiber = parentOf(state, fiber)) {
    for (let n = Math.min(top, fiber.frames.length) - 1; n >= 0; n--) {
      const frame = fiber.frames[n]
      if (frame?.kind === 'step' && frame.verb === 'do' && frame.stack !== undefined) return frame.stack
    }
    top = Number.POSITIVE_INFINITY
  }
  return state.compensations
}

/** A group that was left without failing hands its stack on; concurrent scopes may have pushed in between. */
export function handOver(stack: readonly CompensationEntry[], to: CompensationEntry[]): void {
  if (stack.length === 0) return
  for (const entry of stack) to.push(entry)
  to.sort((a, b) => a.order - b.order)
}

/** What a scope fails with when some of its stack could not be undone. */
export function compensationFailed(
  notUndone: readonly NotUndone[],
  cause: WorkflowError,
  at: { readonly step?: string; readonly path?: string } = {},
): WorkflowError {
  const message = `${notUndone.length} of the steps that were done could not be undone`
  return engineFault('CompensationFailed', message, at, {
    details: notUndone as readonly (NotUndone & JsonObject)[],
    cause,
  })
}

/** The values that a compensation names are those of the moment when its step finished. */
function capture(state: State, scope: Scope, names: References): CompensationEntry['captured'] {
  if (names.steps === '*' && names.vars === '*') return captureAll(state, scope)
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
    roots: pickRoots(state, names.roots, (name) => scope.root(name)),
  }
}

/** For an expression that takes the whole scope (`$`, `$lookup($, name)`). */
function captureAll(state: State, scope: Scope): CompensationEntry['captured'] {
  const all = scope.all()
  return {
    vars: { ...(all['vars'] as JsonObject) },
    steps: { ...(all['steps'] as JsonObject) },
    roots: pickRoots(state, Object.keys(all), (name) => all[name]),
  }
}

/** Of `workflow` the state of a machine alone changes: in place, so it is copied. */
function pickRoots(
  { workflow }: State,
  names: readonly string[],
  read: (name: string) => Json | undefined,
): { readonly [name: string]: Json } {
  const picked = pick(names.filter(isLocal), read)
  if (workflow.state !== undefined && names.includes('workflow'))
    picked['workflow'] = { ...(read('workflow') as JsonObject) }
  return picked
}

/** `input` never changes, `vars` and `steps` are kept by name. */
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
