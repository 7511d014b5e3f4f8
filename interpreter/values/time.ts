/**
 * Instants and calendar arithmetic in UTC, without Date: milliseconds since 1970 to ISO 8601 and back, and durations
 * added by the calendar. Pure; leap seconds do not exist, as in POSIX. Called by the reducer and by `$addDuration`.
 */
import type { Instant } from '../events.ts'

const msPerSecond = 1_000
const msPerMinute = 60_000
const msPerHour = 3_600_000
const msPerDay = 86_400_000
/** The range of ISO 8601 with four digits and of Date with six: years -271821 to 275760. */
const maximumMs = 8_640_000_000_000_000
export const latestInstant: Instant = maximumMs

/** A duration may be longer than there is time: what would end later ends with the last instant that can be written. */
export function instantAfter(from: Instant, ms: number): Instant {
  return Math.min(from + ms, latestInstant)
}

interface Day {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  /** 1 to 31. */
  readonly day: number
}

/** Days since 1970-01-01 of a day of the Gregorian calendar; the method is Howard Hinnant's `days_from_civil`. */
function daysSinceEpoch({ year, month, day }: Day): number {
  const marchYear = month <= 2 ? year - 1 : year
  const era = Math.floor(marchYear / 400)
  const yearOfEra = marchYear - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function dayOf(days: number): Day {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  }
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0')
}

/** `2026-01-31T12:00:00.000Z`. Years beyond four digits have a sign and six, as in ISO 8601. */
export function formatInstant(ms: Instant): string {
  const whole = Math.floor(ms)
  const days = Math.floor(whole / msPerDay)
  const rest = whole - days * msPerDay
  const { year, month, day } = dayOf(days)
  const yearText =
    year >= 0 && year <= 9_999 ? digits(year, 4) : `${year < 0 ? '-' : '+'}${digits(Math.abs(year), 6)}`
  const hour = digits(Math.floor(rest / msPerHour), 2)
  const minute = digits(Math.floor(rest / msPerMinute) % 60, 2)
  const second = digits(Math.floor(rest / msPerSecond) % 60, 2)
  return `${yearText}-${digits(month, 2)}-${digits(day, 2)}T${hour}:${minute}:${second}.${digits(rest % msPerSecond, 3)}Z`
}

const instantPattern =
  /^(\d{4}|[+-]\d{6})-(\d{2})(?:-(\d{2}))?(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?([Zz]|[+-]\d{2}:?\d{2})?)?$/

/**
 * RFC 3339, and dates alone (midnight UTC). A time without a zone is UTC. Null where it is no such text or no such day.
 * Fractions finer than a millisecond are cut.
 */
export function parseInstant(text: string): Instant | null {
  const match = instantPattern.exec(text)
  if (match === null)
    return /^\d{4}$/.test(text) ? daysSinceEpoch({ year: Number(text), month: 1, day: 1 }) * msPerDay : null
  const [, yearText, monthText, dayText, hourText, minuteText, secondText, fractionText, zoneText] = match
  const year = Number(yearText)
  const month = Number(monthText)
  const day = Number(dayText ?? 1)
  const hour = Number(hourText ?? 0)
  const minute = Number(minuteText ?? 0)
  const second = Number(secondText ?? 0)
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null
  const millisecond = Number((fractionText ?? '').padEnd(3, '0').slice(0, 3))
  // 24:00:00 is the end of the day; 60 is a leap second, which is read as the last second.
  if (hour > 24 || minute > 59 || second > 60) return null
  if (hour === 24 && (minute > 0 || second > 0 || millisecond > 0)) return null
  const offset = offsetMs(zoneText)
  if (offset === null) return null
  const ms =
    daysSinceEpoch({ year, month, day }) * msPerDay +
    hour * msPerHour +
    minute * msPerMinute +
    Math.min(second, 59) * msPerSecond +
    millisecond -
    offset
  return Math.abs(ms) <= maximumMs ? ms : null
}

function offsetMs(zone: string | undefined): number | null {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(-2))
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * msPerHour + minutes * msPerMinute)
}

const durationPattern =
  /^([+-])?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)W)?(?:(\d+(?:[.,]\d+)?)D)?(?:T(?:(\d+(?:[.,]\d+)?)H)?(?:(\d+(?:[.,]\d+)?)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/

interface CalendarDuration {
  readonly months: number
  readonly ms: number
}

function parseDuration(text: string): CalendarDuration | null {
  const match = durationPattern.exec(text)
  if (match === null || !/\d/.test(text) || text.endsWith('T')) return null
  const [, sign, ...fields] = match
  const factor = sign === '-' ? -1 : 1
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = fields.map(
    (field) => Number((field ?? '0').replace(',', '.')),
  )
  const ms =
    (weeks * 7 + days) * msPerDay +
    hours * msPerHour +
    minutes * msPerMinute +
    Math.round(seconds * msPerSecond)
  return { months: factor * (years * 12 + months), ms: factor * Math.round(ms) }
}

/**
 * Adds an ISO 8601 duration by the calendar, in UTC: years and months first, clamped to the end of the month (31 January
 * and a month is 28 or 29 February), then the rest as exact time. Null where the text is no duration or the result is
 * beyond what a date can hold.
 */
export function addDuration(ms: Instant, isoDuration: string, sign: 1 | -1 = 1): Instant | null {
  const duration = parseDuration(isoDuration)
  if (duration === null || !Number.isFinite(ms)) return null
  let start = ms
  if (duration.months !== 0) {
    const days = Math.floor(ms / msPerDay)
    const { year, month, day } = dayOf(days)
    const monthIndex = year * 12 + (month - 1) + sign * duration.months
    const target = { year: Math.floor(monthIndex / 12), month: (((monthIndex % 12) + 12) % 12) + 1 }
    const clamped = Math.min(day, daysInMonth(target.year, target.month))
    start = daysSinceEpoch({ ...target, day: clamped }) * msPerDay + (ms - days * msPerDay)
  }
  const end = start + sign * duration.ms
  return Number.isFinite(end) && Math.abs(end) <= maximumMs ? end : null
}
