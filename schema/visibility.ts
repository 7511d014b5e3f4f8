/**
 * Which steps' results an expression can see at one point of a document: for sure, perhaps, or not at all. Owns how
 * knowledge flows where paths part and meet; `flow-check.ts` walks the steps with it.
 */
import type { StepId } from './plan.ts'

export type Certainty = 'sure' | 'maybe'

export interface Visible {
  readonly steps: Map<StepId, Certainty>
  /** False behind a return, a fail, or a step that always ends in one. */
  reachable: boolean
}

export function nothingVisible(): Visible {
  return { steps: new Map(), reachable: true }
}

export function copyOf(visible: Visible): Visible {
  return { steps: new Map(visible.steps), reachable: true }
}

/** Where several paths meet: sure is what all that get here have for sure. Paths that end elsewhere do not count. */
export function meet(paths: readonly Visible[]): Visible {
  const arriving = paths.filter((path) => path.reachable)
  const [first, ...others] = arriving
  if (first === undefined) return { steps: new Map(paths[0]?.steps), reachable: false }
  const merged = copyOf(first)
  for (const other of others) {
    for (const id of merged.steps.keys()) if (other.steps.get(id) !== 'sure') merged.steps.set(id, 'maybe')
    for (const id of other.steps.keys()) if (!merged.steps.has(id)) merged.steps.set(id, 'maybe')
  }
  return merged
}

/** Where all of several paths were taken: what any of them saw. */
export function join(before: Visible, paths: readonly Visible[]): Visible {
  const joined = copyOf(before)
  for (const path of paths) for (const [id, certainty] of path.steps) joined.steps.set(id, certainty)
  joined.reachable = paths.every((path) => path.reachable)
  return joined
}

/** What is known somewhere inside a body that may be left at any of its steps. */
export function anywhereIn(before: Visible, bodies: readonly Visible[]): Visible {
  const known = copyOf(before)
  for (const body of bodies)
    for (const id of body.steps.keys()) if (!known.steps.has(id)) known.steps.set(id, 'maybe')
  return known
}

/** A scope whose results do not leave it as they are: a branch (until its join), an iteration, a handler, a compensation. */
export interface ScopeMark {
  readonly kind: 'branch' | 'iteration' | 'compensation' | 'handler'
  /** The step or handler that opens it. */
  readonly owner: string
  readonly name: string
}

export function sameMark(left: ScopeMark, right: ScopeMark): boolean {
  return left.kind === right.kind && left.owner === right.owner && left.name === right.name
}
