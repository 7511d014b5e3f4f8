/**
 * Durations in settings and on the command line: `500ms`, `30s`, `1h30m`, `7d`. Owns the reading of these and how a
 * number of milliseconds is shown to people. The language reads its own (with ISO 8601) in `schema/`.
 */

/** As it was written, and in milliseconds. */
export interface Duration {
  readonly text: string
  readonly ms: number
}

const unitsMs: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Null when the text is not a duration. */
export function parseDuration(text: string): Duration | null {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return null
  let ms = 0
  for (const part of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    ms += Number(part[1]) * (unitsMs[part[2] ?? ''] ?? 0)
  }
  const rounded = Math.round(ms)
  return Number.isSafeInteger(rounded) ? { text, ms: rounded } : null
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
