/** The known name that a wrong one most likely stands for. Owns the measure; used wherever a name is unknown. */

/** Names are short; a longer one is not compared, which bounds the work. */
const longestCompared = 64

/** The closest candidate within a third of the length (at least one edit), or undefined. */
export function didYouMean(wrong: string, candidates: Iterable<string>): string | undefined {
  if (wrong.length > longestCompared) return undefined
  let best: string | undefined
  // Of a single letter nothing would be left to recognize.
  let bestDistance = Math.min(wrong.length - 1, Math.max(1, Math.floor(wrong.length / 3))) + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wrong.length) >= bestDistance) continue
    const distance =
      candidate.toLowerCase() === wrong.toLowerCase()
        ? 0.5
        : editDistance(wrong.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Optimal string alignment: a swap of neighbours is one edit, as it is one slip of the hand. */
function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (swapped && row > 1 && column > 1) cost = Math.min(cost, (beforePrevious[column - 2] ?? 0) + 1)
      current.push(cost)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[right.length] ?? 0
}
