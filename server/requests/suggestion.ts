/** "Did you mean": the known word nearest to one that is not known. */

/** The longest word that is compared; the cost grows with the square of it. */
const longestWord = 64

export function didYouMean(word: string, known: readonly string[]): string {
  const nearest = nearestWord(word, known)
  if (nearest !== null) return `did you mean '${nearest}'?`
  return known.length === 0 ? 'remove it: there are none here' : `known here: ${known.join(', ')}`
}

function nearestWord(word: string, known: readonly string[]): string | null {
  if (word.length > longestWord) return null
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein's, with one row of memory. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
