/**
 * Duration texts in query parameters, in the spelling of the language: `500ms`, `30s`, `1h30m`, `7d`, or ISO 8601
 * without years and months, whose length depends on the date. The interpreter's own reader is out of reach here:
 * the server imports the engine alone.
 */

const unitMs: { readonly [unit: string]: number } = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
}

const plain =
  /^(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$/
const iso =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

/** Milliseconds, rounded; null where the text is no duration. */
export function parseDurationMs(text: string): number | null {
  const short = plain.exec(text)
  if (short !== null && text !== '') return sum(short, ['d', 'h', 'm', 's', 'ms'])
  const long = iso.exec(text)
  if (long !== null && text !== 'P') {
    const [, weeks, ...rest] = long
    return sum([text, ...rest], ['d', 'h', 'm', 's']) + Math.round(Number(weeks ?? 0) * 7 * 86_400_000)
  }
  return null
}

function sum(match: readonly (string | undefined)[], units: readonly string[]): number {
  let total = 0
  for (const [index, unit] of units.entries()) total += Number(match[index + 1] ?? 0) * (unitMs[unit] ?? 0)
  return Math.round(total)
}
