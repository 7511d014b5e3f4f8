/**
 * "Did you mean": the known name nearest to a mistyped one. Owns the distance (Damerau–Levenshtein, restricted) and
 * how far is too far. Called by the settings and by the command line.
 */

/** The nearest of `known`, or null when none is near enough to be meant: a third of the letters may differ. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const wanted = name.toLowerCase()
  let best: { readonly name: string; readonly distance: number } | null = null
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase())
    const bound = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3))
    if (distance <= bound && (best === null || distance < best.distance)) best = { name: candidate, distance }
  }
  return best?.name ?? null
}

/** Insertions, deletions, replacements and swaps of neighbours, each at cost 1. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}
