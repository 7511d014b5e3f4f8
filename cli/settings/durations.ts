/**
 * Durations as settings hold them and as people are shown them. Owns the showing; the reading is the language's
 * (`schema/duration.ts`).
 */

/** As it was written, and in milliseconds. */
export interface Duration {
  readonly text: string
  readonly ms: number
}

/** For people: at most two units, such as `1.24 s`, `2 m 5 s`, `3 d 4 h`. */
export function showDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(2))} s`
  const seconds = Math.round(ms / 1_000)
  const parts = [
    { amount: Math.floor(seconds / 86_400), unit: 'd' },
    { amount: Math.floor(seconds / 3_600) % 24, unit: 'h' },
    { amount: Math.floor(seconds / 60) % 60, unit: 'm' },
    { amount: seconds % 60, unit: 's' },
  ]
  const first = parts.findIndex((part) => part.amount > 0)
  return parts
    .slice(first, first + 2)
    .filter((part) => part.amount > 0)
    .map((part) => `${part.amount} ${part.unit}`)
    .join(' ')
}
