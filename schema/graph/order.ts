/** The order of slots on each rank, so that few edges cross: the median of the neighbours, up and down, the best kept. */
import type { Slot } from './layers.ts'

const sweeps = 8

/** Slots by rank, each rank from left to right. `boxes` are in the order of the document. */
export function orderRanks(boxes: readonly Slot[], chains: readonly (readonly Slot[])[]): Slot[][] {
  let rows = firstOrder(boxes, chains)
  let best = rows
  let fewest = crossings(rows)
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    rows = sweep % 2 === 0 ? swept(rows, 'above') : swept([...rows].reverse(), 'below').reverse()
    const count = crossings(rows)
    if (count < fewest) {
      fewest = count
      best = rows
    }
  }
  return best
}

/** As a walk from each box that nothing leads to finds them. */
function firstOrder(boxes: readonly Slot[], chains: readonly (readonly Slot[])[]): Slot[][] {
  const deepest = Math.max(0, ...boxes.map(({ rank }) => rank))
  const rows: Slot[][] = Array.from({ length: deepest + 1 }, () => [])
  const seen = new Set<Slot>()
  const roots = boxes.filter(({ above }) => above.length === 0)
  const waiting = [...boxes, ...chains.flat(), ...roots.reverse()]
  for (let here = waiting.pop(); here !== undefined; here = waiting.pop()) {
    if (seen.has(here)) continue
    seen.add(here)
    rows[here.rank]?.push(here)
    for (let index = here.below.length - 1; index >= 0; index--) {
      const below = here.below[index]
      if (below !== undefined) waiting.push(below)
    }
  }
  return rows
}

function swept(rows: readonly Slot[][], towards: 'above' | 'below'): Slot[][] {
  const place = new Map<Slot, number>()
  return rows.map((row) => {
    const keyed = row.map((here, index) => {
      const places = here[towards].map((other) => place.get(other) ?? 0)
      const mean = places.length === 0 ? index : places.reduce((sum, at) => sum + at, 0) / places.length
      return { here, mean, index }
    })
    keyed.sort((left, right) => left.mean - right.mean || left.index - right.index)
    for (const [index, { here }] of keyed.entries()) place.set(here, index)
    return keyed.map(({ here }) => here)
  })
}

function crossings(rows: readonly Slot[][]): number {
  let count = 0
  for (const [rank, row] of rows.entries()) {
    const place = new Map<Slot, number>()
    for (const [index, here] of (rows[rank + 1] ?? []).entries()) place.set(here, index)
    const targets = row.map((here) => here.below.map((other) => place.get(other) ?? 0))
    for (const [left, ofLeft] of targets.entries()) {
      for (const ofRight of targets.slice(left + 1)) {
        for (const one of ofLeft) for (const other of ofRight) if (one > other) count++
      }
    }
  }
  return count
}
