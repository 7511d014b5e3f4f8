/**
 * Durations of the language: `500ms`, `1h30m`, `7d`, or ISO 8601 (`PT5M`, `P1DT12H`). Owns both directions between
 * text and milliseconds. Pure; used by the compiler, by settings, and by verbs whose duration is a template.
 */

const unitsMs: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const shortForm = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/
const shortPart = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g
/** Years and months are left out: their length depends on the calendar (`$addDuration` is for those). */
const isoForm =
  /^P(?=.)(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?=.)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

/** A longer text is no duration; it also bounds what the expressions above may look at. */
const longestText = 100

/** Whole milliseconds (fractions are rounded), or null where the text is not a duration. Bare numbers and signs are not. */
export function parseDuration(text: string): number | null {
  if (text.length > longestText) return null
  const ms = shortForm.test(text) ? sumOfShortParts(text) : sumOfIsoParts(text)
  if (ms === null) return null
  const rounded = Math.round(ms)
  return Number.isSafeInteger(rounded) ? rounded : null
}

function sumOfShortParts(text: string): number {
  let ms = 0
  for (const [, amount, unit] of text.matchAll(shortPart)) ms += Number(amount) * (unitsMs[unit ?? ''] ?? 0)
  return ms
}

function sumOfIsoParts(text: string): number | null {
  const parts = isoForm.exec(text)
  if (parts === null) return null
  const [, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
  return (
    Number(weeks) * 604_800_000 +
    Number(days) * 86_400_000 +
    Number(hours) * 3_600_000 +
    Number(minutes) * 60_000 +
    Number(seconds) * 1_000
  )
}

/** The shortest text that `parseDuration` reads back as the same: `5_400_000` is `1h30m`. `ms` is a whole number from 0. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  let rest = ms
  let text = ''
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const unitMs = unitsMs[unit] ?? 1
    const amount = Math.floor(rest / unitMs)
    if (amount > 0) text += `${amount}${unit}`
    rest -= amount * unitMs
  }
  return text
}

const unitWords: { readonly [word: string]: string } = {
  ms: 'ms',
  millisecond: 'ms',
  msec: 'ms',
  s: 's',
  sec: 's',
  second: 's',
  m: 'm',
  min: 'm',
  minute: 'm',
  h: 'h',
  hr: 'h',
  hour: 'h',
  d: 'd',
  day: 'd',
  w: 'w',
  week: 'w',
}

/** What to write for `10 seconds`, `5min` or `10`, which are no durations; undefined where it cannot be told. */
export function durationMeant(text: string): string | undefined {
  if (/^\d+$/.test(text)) return `write its unit: ${text}s or ${text}ms`
  const [, amount = '', word = ''] =
    /^(\d{1,15}(?:\.\d{1,3})?)\s*([A-Za-z]{1,12})\.?$/.exec(text.trim()) ?? []
  const unit = unitWords[word.toLowerCase()] ?? unitWords[word.toLowerCase().replace(/s$/, '')]
  return unit === undefined ? undefined : `write ${amount}${unit}`
}
