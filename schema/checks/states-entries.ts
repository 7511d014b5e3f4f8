/**
 * What is known on entering each state of a machine: the steps that ran on every way there, and on some way. Owns the fixed
 * point over its transitions; pure. Called by `states-flow.ts`.
 *
 * Sets of steps are bits: with maps, a machine of 2,400 states took minutes.
 */
import type { StepId } from '../plan.ts'
import type { Certainty } from './visibility.ts'

/** Some 0.3 s; 200 states that all lead back need a thousandth of it. Beyond, nothing is said of what ran before. */
const mostWords = 100_000_000

/** A way out of a state, with the steps of the state and of the transition. */
export interface Edge {
  readonly to: string
  /** Those that ran for certain. */
  readonly sure: readonly StepId[]
  /** All that may have. */
  readonly known: readonly StepId[]
}

/** What a state sees on being entered; undefined for a state that no way leads to. */
export type Entries = (state: string) => ((id: StepId) => Certainty | undefined) | undefined

interface Entry {
  readonly sure: Uint32Array
  readonly known: Uint32Array
}

const tangled: Entry = { sure: new Uint32Array(0), known: new Uint32Array(0) }

interface CompiledEdge {
  readonly to: string
  readonly sure: Uint32Array
  readonly known: Uint32Array
}

export function entriesOfStates(initial: string, edges: ReadonlyMap<string, readonly Edge[]>): Entries {
  const numbers = new Map<StepId, number>()
  for (const list of edges.values()) {
    for (const edge of list) for (const id of edge.known) if (!numbers.has(id)) numbers.set(id, numbers.size)
  }
  const words = Math.ceil(numbers.size / 32)
  const setOf = (ids: readonly StepId[]): Uint32Array => {
    const set = new Uint32Array(words)
    for (const id of ids) {
      const number = numbers.get(id) ?? 0
      set[number >>> 5] = (set[number >>> 5] ?? 0) | (1 << (number & 31))
    }
    return set
  }
  const compiled = new Map<string, readonly CompiledEdge[]>(
    Array.from(edges, ([name, list]) => [
      name,
      list.map(({ to, sure, known }) => ({ to, sure: setOf(sure), known: setOf(known) })),
    ]),
  )
  const entries = settle(initial, compiled, words)
  return (state) => {
    const entry = entries.get(state)
    if (entry === undefined) return undefined
    if (entry === tangled) return () => 'sure'
    return (id) => {
      const number = numbers.get(id)
      if (number === undefined || !has(entry.known, number)) return undefined
      return has(entry.sure, number) ? 'sure' : 'maybe'
    }
  }
}

/** `sure` only shrinks and `known` only grows, so that it ends. In order of arrival: far fewer rounds than the last first. */
function settle(
  initial: string,
  edges: ReadonlyMap<string, readonly CompiledEdge[]>,
  words: number,
): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>()
  if (!edges.has(initial)) return entries
  entries.set(initial, { sure: new Uint32Array(words), known: new Uint32Array(words) })
  const waiting = new Set([initial])
  let spent = 0
  for (const name of waiting) {
    waiting.delete(name)
    spent += words * (edges.get(name)?.length ?? 0)
    if (spent > mostWords)
      return new Map(Array.from(reachedFrom(initial, edges), (state) => [state, tangled]))
    const from = entries.get(name)
    if (from === undefined) continue
    for (const edge of edges.get(name) ?? []) {
      if (edges.has(edge.to) && arrive(entries, from, edge)) waiting.add(edge.to)
    }
  }
  return entries
}

function reachedFrom(
  initial: string,
  edges: ReadonlyMap<string, readonly CompiledEdge[]>,
): ReadonlySet<string> {
  const reached = new Set([initial])
  for (const name of reached) for (const { to } of edges.get(name) ?? []) if (edges.has(to)) reached.add(to)
  return reached
}

/** True where the entry of the state has changed. */
function arrive(entries: Map<string, Entry>, from: Entry, { to, sure, known }: CompiledEdge): boolean {
  const entry = entries.get(to)
  if (entry === undefined) {
    const join = (left: Uint32Array, right: Uint32Array) => left.map((word, at) => word | (right[at] ?? 0))
    entries.set(to, { sure: join(from.sure, sure), known: join(from.known, known) })
    return true
  }
  let changed = false
  for (let at = 0; at < entry.sure.length; at++) {
    const sureBefore = entry.sure[at] ?? 0
    const knownBefore = entry.known[at] ?? 0
    const sureNow = (sureBefore & ((from.sure[at] ?? 0) | (sure[at] ?? 0))) >>> 0
    const knownNow = (knownBefore | (from.known[at] ?? 0) | (known[at] ?? 0)) >>> 0
    if (sureNow === sureBefore && knownNow === knownBefore) continue
    entry.sure[at] = sureNow
    entry.known[at] = knownNow
    changed = true
  }
  return changed
}

function has(set: Uint32Array, number: number): boolean {
  return ((set[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0
}
