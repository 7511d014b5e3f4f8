/**
 * A layered layout of one level of a graph (Sugiyama's steps: break cycles, rank, order, place), for boxes of given sizes and
 * edges whose labels take room of their own. Owns where boxes, labels and the bends of edges stand; knows nothing of
 * workflows. Pure and deterministic; called by `graph/layout.ts` for every group.
 *
 * Boxes stand on even ranks. Each edge passes the odd rank below its upper box, where its label stands as a box among the
 * others, so no label can lie on a box or on another label.
 */
import { orderRanks } from './order.ts'
import { placeRanks } from './place.ts'

/** A box; its lines go in and out at its anchor, `left` and `right` are the extents from there. All in pixels. */
export interface LayerBox {
  readonly id: string
  readonly left: number
  readonly right: number
  readonly height: number
  /** Stands in the middle of what is above or below it, not straight over or under one of them. */
  readonly balanced?: boolean
}

export interface LayerEdge {
  readonly from: string
  readonly to: string
  readonly label?: { readonly width: number; readonly height: number }
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Layers {
  /** Where the anchor of each box stands: `y` is its top. */
  readonly boxes: ReadonlyMap<string, Point>
  /** As the edges were given, from the source; between the first and the last point, where it passes other ranks. */
  readonly bends: readonly (readonly Point[])[]
  /** The middle of each label. */
  readonly labels: readonly (Point | undefined)[]
  readonly width: number
  readonly height: number
  /** Of the even and odd ranks: the lower edge, for lines that leave a box sideways. */
  readonly rankOf: ReadonlyMap<string, { readonly top: number; readonly bottom: number }>
}

/** A box, or a place where an edge passes a rank. */
export interface Slot {
  readonly rank: number
  readonly left: number
  readonly right: number
  readonly height: number
  /** A bend of an edge, not a box. */
  readonly passing: boolean
  readonly above: Slot[]
  readonly below: Slot[]
  /** The neighbour to stand straight under or over, if there is one to prefer. */
  straightAbove: Slot | undefined
  straightBelow: Slot | undefined
  x: number
}

const gapBetweenRanks = 19

export function layer(boxes: readonly LayerBox[], edges: readonly LayerEdge[]): Layers {
  const backward = backwardEdges(boxes, edges)
  const downward = edges.map(({ from, to }, index) =>
    backward.has(index) ? { upper: to, lower: from } : { upper: from, lower: to },
  )
  const ranks = ranksOf(boxes, downward)
  const slots = new Map<string, Slot>()
  for (const { id, left, right, height } of boxes) {
    slots.set(id, slot(ranks.get(id) ?? 0, left, right, height, false))
  }
  const chains = edges.map((edge, index) => chainOf(edge, downward[index], slots))
  const balanced = new Set<Slot | undefined>(
    boxes.filter((box) => box.balanced === true).map(({ id }) => slots.get(id)),
  )
  preferStraight(slots, chains, balanced)
  const rows = orderRanks([...slots.values()], chains)
  placeRanks(rows)
  return measure(rows, slots, chains, backward, edges)
}

function slot(rank: number, left: number, right: number, height: number, passing: boolean): Slot {
  const links = { above: [], below: [], straightAbove: undefined, straightBelow: undefined }
  return { rank, left, right, height, passing, ...links, x: 0 }
}

/** Edges that lead back to a box on the way to themselves, by index. */
function backwardEdges(boxes: readonly LayerBox[], edges: readonly LayerEdge[]): ReadonlySet<number> {
  const outgoing = new Map<string, number[]>(boxes.map(({ id }) => [id, []]))
  for (const [index, { from }] of edges.entries()) outgoing.get(from)?.push(index)
  const backward = new Set<number>()
  const state = new Map<string, 'open' | 'done'>()
  for (const { id: root } of boxes) {
    if (state.has(root)) continue
    // A list in place of recursion: a document may have thousands of steps in a row.
    const path = [{ id: root, next: 0 }]
    state.set(root, 'open')
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const index = outgoing.get(here.id)?.[here.next++]
      const to = index === undefined ? undefined : edges[index]?.to
      if (index === undefined || to === undefined) {
        state.set(here.id, 'done')
        path.pop()
      } else if (state.get(to) === 'open') backward.add(index)
      else if (!state.has(to)) {
        state.set(to, 'open')
        path.push({ id: to, next: 0 })
      }
    }
  }
  return backward
}

interface Downward {
  readonly upper: string
  readonly lower: string
}

/** Even numbers: each box two below the lowest of those above it. */
function ranksOf(boxes: readonly LayerBox[], edges: readonly Downward[]): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>(boxes.map(({ id }) => [id, 0]))
  const waiting = new Map<string, number>(boxes.map(({ id }) => [id, 0]))
  const lowers = new Map<string, string[]>(boxes.map(({ id }) => [id, []]))
  for (const { upper, lower } of edges) {
    waiting.set(lower, (waiting.get(lower) ?? 0) + 1)
    lowers.get(upper)?.push(lower)
  }
  const ready = boxes.map(({ id }) => id).filter((id) => waiting.get(id) === 0)
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    for (const lower of lowers.get(id) ?? []) {
      ranks.set(lower, Math.max(ranks.get(lower) ?? 0, (ranks.get(id) ?? 0) + 2))
      const left = (waiting.get(lower) ?? 0) - 1
      waiting.set(lower, left)
      if (left === 0) ready.push(lower)
    }
  }
  return ranks
}

/** The slots that an edge passes from its upper to its lower box, both included, linked with one another. */
function chainOf(
  edge: LayerEdge,
  ends: Downward | undefined,
  slots: ReadonlyMap<string, Slot>,
): readonly Slot[] {
  const upper = slots.get(ends?.upper ?? '')
  const lower = slots.get(ends?.lower ?? '')
  if (upper === undefined || lower === undefined)
    throw new Error('bug: an edge between boxes that are not there')
  const chain = [upper]
  const labelRank = upper.rank + 1
  for (let rank = upper.rank + 1; rank < lower.rank; rank++) {
    const label = rank === labelRank ? edge.label : undefined
    const half = (label?.width ?? 0) / 2
    chain.push(slot(rank, half, half, label?.height ?? 0, true))
  }
  chain.push(lower)
  for (const [index, here] of chain.entries()) {
    const next = chain[index + 1]
    if (next === undefined) continue
    here.below.push(next)
    next.above.push(here)
  }
  return chain
}

/** Keeps the longest way through the graph, and each long edge, straight. */
function preferStraight(
  slots: ReadonlyMap<string, Slot>,
  chains: readonly (readonly Slot[])[],
  balanced: ReadonlySet<Slot | undefined>,
): void {
  const depth = new Map<Slot, number>()
  const lowers = new Map<Slot, Slot[]>()
  for (const [upper, ...rest] of chains) {
    const lower = rest.at(-1)
    if (upper !== undefined && lower !== undefined) lowers.set(upper, [...(lowers.get(upper) ?? []), lower])
  }
  for (const here of [...slots.values()].sort((left, right) => right.rank - left.rank)) {
    depth.set(here, Math.max(0, ...(lowers.get(here) ?? []).map((lower) => (depth.get(lower) ?? 0) + 1)))
  }
  const byDepth = [...chains].sort((left, right) => lowest(right, depth) - lowest(left, depth))
  for (const chain of byDepth) {
    for (const [index, here] of chain.entries()) {
      const next = chain[index + 1]
      if (next === undefined || balanced.has(here) || balanced.has(next)) continue
      if (here.straightBelow !== undefined && !here.passing) continue
      if (next.straightAbove !== undefined && !next.passing) continue
      here.straightBelow = next
      next.straightAbove = here
    }
  }
}

function lowest(chain: readonly Slot[], depth: ReadonlyMap<Slot, number>): number {
  const lower = chain.at(-1)
  return lower === undefined ? 0 : (depth.get(lower) ?? 0)
}

function measure(
  rows: readonly (readonly Slot[])[],
  slots: ReadonlyMap<string, Slot>,
  chains: readonly (readonly Slot[])[],
  backward: ReadonlySet<number>,
  edges: readonly LayerEdge[],
): Layers {
  const tops: number[] = []
  const heights = rows.map((row) => Math.max(0, ...row.map(({ height }) => height)))
  let y = 0
  for (const height of heights) {
    tops.push(y)
    y += height + gapBetweenRanks
  }
  const all = rows.flat()
  const leftmost = Math.min(...all.map(({ x, left }) => x - left))
  const width = Math.max(...all.map(({ x, right }) => x + right)) - leftmost
  const bandOf = ({ rank }: Slot) => {
    const top = tops[rank] ?? 0
    return { top, bottom: top + (heights[rank] ?? 0) }
  }
  const boxes = new Map<string, Point>()
  const rankOf = new Map<string, { readonly top: number; readonly bottom: number }>()
  for (const [id, here] of slots) {
    boxes.set(id, { x: here.x - leftmost, y: bandOf(here).top })
    rankOf.set(id, bandOf(here))
  }
  const bends = chains.map((chain, index) => {
    const points = chain.slice(1, -1).flatMap((here) => {
      const { top, bottom } = bandOf(here)
      const x = here.x - leftmost
      return bottom > top
        ? [
            { x, y: top },
            { x, y: bottom },
          ]
        : [{ x, y: top }]
    })
    return backward.has(index) ? points.reverse() : points
  })
  const labels = chains.map((chain, index) => {
    const here = chain[1]
    if (edges[index]?.label === undefined || here === undefined) return undefined
    const { top, bottom } = bandOf(here)
    return { x: here.x - leftmost, y: (top + bottom) / 2 }
  })
  return { boxes, bends, labels, width, height: Math.max(0, y - gapBetweenRanks), rankOf }
}
