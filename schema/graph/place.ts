/**
 * The x of every slot: as near as can be to where its neighbours draw it, in the order of its rank, never closer to the next
 * than they are wide. Each rank is solved exactly (least squares under an order: pool adjacent violators).
 */
import type { Slot } from './layers.ts'

const passes = 12
const gapBetweenBoxes = 34
const gapBesideLine = 14

export function placeRanks(rows: readonly (readonly Slot[])[]): void {
  for (const row of rows)
    spread(
      row,
      row.map(() => 0),
    )
  for (let pass = 0; pass < passes; pass++) {
    for (const row of rows)
      spread(
        row,
        row.map((here) => drawnTo(here, here.straightAbove, here.above)),
      )
    for (const row of [...rows].reverse())
      spread(
        row,
        row.map((here) => drawnTo(here, here.straightBelow, here.below)),
      )
  }
  for (const row of rows)
    spread(
      row,
      row.map((here) => drawnTo(here, here.straightAbove, here.above)),
    )
}

function drawnTo(here: Slot, straight: Slot | undefined, neighbours: readonly Slot[]): number {
  if (straight !== undefined) return straight.x
  if (neighbours.length === 0) return here.x
  return neighbours.reduce((sum, { x }) => sum + x, 0) / neighbours.length
}

function weightOf({ passing, straightAbove, straightBelow }: Slot): number {
  if (straightAbove === undefined || straightBelow === undefined) return passing ? 2 : 1
  // The longest way stays straight, other long lines give way to it.
  const ofMainLine = !passing || !straightAbove.passing || !straightBelow.passing
  return ofMainLine ? 1000 : 10
}

function distance(left: Slot, right: Slot): number {
  return left.right + right.left + (left.passing || right.passing ? gapBesideLine : gapBetweenBoxes)
}

interface Pool {
  readonly from: number
  weight: number
  sum: number
}

function spread(row: readonly Slot[], wished: readonly number[]): void {
  const offsets: number[] = []
  let offset = 0
  for (const [index, here] of row.entries()) {
    const before = row[index - 1]
    if (before !== undefined) offset += distance(before, here)
    offsets.push(offset)
  }
  const pools: Pool[] = []
  for (const [index, here] of row.entries()) {
    const weight = weightOf(here)
    let pool: Pool = { from: index, weight, sum: weight * ((wished[index] ?? 0) - (offsets[index] ?? 0)) }
    for (let last = pools.at(-1); last !== undefined; last = pools.at(-1)) {
      if (last.sum / last.weight < pool.sum / pool.weight) break
      pools.pop()
      pool = { from: last.from, weight: last.weight + pool.weight, sum: last.sum + pool.sum }
    }
    pools.push(pool)
  }
  for (const [index, pool] of pools.entries()) {
    const end = pools[index + 1]?.from ?? row.length
    for (let at = pool.from; at < end; at++) {
      const here = row[at]
      if (here !== undefined) here.x = pool.sum / pool.weight + (offsets[at] ?? 0)
    }
  }
}
