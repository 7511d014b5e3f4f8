/**
 * Which steps' results an expression can see at one point of a document: for sure, perhaps, or not at all. Owns how
 * knowledge flows where paths part and meet; `checks/flow.ts` walks the steps with it.
 */
import type { StepId } from '../plan.ts'

export type Certainty = 'sure' | 'maybe'

/**
 * What is known at a point, as a layer over what was known where its path began: a path costs what it adds, not what it
 * sees (copies made 5,000 steps take seconds).
 */
export class Visible {
  readonly #before: Visible | null
  readonly #beyond: ((id: StepId) => Certainty | undefined) | null
  readonly #added = new Map<StepId, Certainty>()
  /** False behind a return, a fail, or a step that always ends in one. */
  reachable = true

  constructor(before: Visible | null = null, beyond: ((id: StepId) => Certainty | undefined) | null = null) {
    this.#before = before
    this.#beyond = beyond
  }

  /** A path that begins here. */
  fork(): Visible {
    return new Visible(this)
  }

  /** A path that begins here with more known than is listed. */
  over(beyond: (id: StepId) => Certainty | undefined): Visible {
    return new Visible(this, beyond)
  }

  get(id: StepId): Certainty | undefined {
    return this.#added.get(id) ?? this.#beyond?.(id) ?? this.#before?.get(id)
  }

  set(id: StepId, certainty: Certainty): void {
    this.#added.set(id, certainty)
  }

  /** Paths that began here meet again: sure is what all that get here have for sure. Those that end elsewhere do not count. */
  meet(paths: readonly Visible[]): void {
    const arriving = paths.filter((path) => path.reachable)
    this.reachable = arriving.length > 0
    for (const id of new Set(arriving.flatMap((path) => path.#addedSince(this)))) {
      this.set(id, arriving.every((path) => path.get(id) === 'sure') ? 'sure' : 'maybe')
    }
  }

  /** Paths that began here were all taken to their ends. */
  join(paths: readonly Visible[]): void {
    this.reachable = paths.every((path) => path.reachable)
    for (const path of paths) for (const id of path.#addedSince(this)) this.set(id, path.get(id) ?? 'maybe')
  }

  /** Of paths that began here, at least this many were taken to their ends; which ones cannot be told. */
  joinSome(paths: readonly Visible[], atLeast: number): void {
    if (atLeast >= paths.length) {
      this.join(paths)
      return
    }
    this.reachable = paths.filter((path) => path.reachable).length >= atLeast
    for (const path of paths) for (const id of path.#addedSince(this)) this.set(id, this.get(id) ?? 'maybe')
  }

  /** A path that begins anywhere inside these ones, which may be left at any of their steps. */
  anywhereIn(paths: readonly Visible[]): Visible {
    const inside = this.fork()
    for (const path of paths) for (const id of path.#addedSince(this)) inside.set(id, this.get(id) ?? 'maybe')
    return inside
  }

  /** Takes over what a path added by itself, though it began elsewhere. */
  take(path: Visible): void {
    for (const [id, certainty] of path.#added) this.set(id, this.get(id) ?? certainty)
  }

  /** What this path knows beyond `start`, where it began. */
  addedSince(start: Visible): ReadonlyMap<StepId, Certainty> {
    return new Map(this.#addedSince(start).map((id) => [id, this.get(id) ?? 'maybe']))
  }

  #addedSince(start: Visible): readonly StepId[] {
    const ids: StepId[] = []
    for (let layer: Visible | null = this; layer !== null && layer !== start; layer = layer.#before) {
      ids.push(...layer.#added.keys())
    }
    return ids
  }
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
