/**
 * Times: `$addDuration`; `$toMillis` without a picture, which jsonata reads in the zone of the machine; `$fromMillis` and
 * `$now` with a picture, of which jsonata makes "NaN" where the time or the zone is none.
 */
import { Fault } from '../../errors/fault.ts'
import { addDuration, formatInstant, parseInstant } from '../../values/time.ts'
import type { BuiltIn, Focus, Implementation } from '../built-in.ts'

const pictureCharacters = 500

function refuse(message: string): never {
  throw new Fault({ type: 'ExpressionError', message, retryable: false })
}

/** A time as text or as milliseconds, and an ISO 8601 duration, which may begin with `-`. Answers in the same form. */
function added(time: unknown, duration: unknown): unknown {
  if (time === undefined || duration === undefined) return undefined
  const start = typeof time === 'number' ? time : typeof time === 'string' ? parseInstant(time) : null
  if (start === null) {
    refuse(
      `$addDuration takes a time such as '2026-01-31T12:00:00Z' or milliseconds, not ${JSON.stringify(time)}`,
    )
  }
  const end = typeof duration === 'string' ? addDuration(start, duration) : null
  if (end === null) {
    refuse(
      `$addDuration takes an ISO 8601 duration such as 'P1M' or '-PT30M', not ${JSON.stringify(duration)}`,
    )
  }
  return typeof time === 'number' ? end : formatInstant(end)
}

/** jsonata's own function with a picture, whose length is bounded. */
function withPicture(name: string, without: ((value: unknown) => unknown) | null): BuiltIn {
  return {
    make({ original }) {
      const run: (this: Focus, ...args: unknown[]) => unknown = original(name) as never
      const implementation: Implementation = function (
        this: Focus,
        value: unknown,
        picture: unknown,
        zone: unknown,
      ) {
        if (value !== undefined && picture === undefined && without !== null) return without(value)
        checkLengths(name, [picture, without === null ? zone : value])
        if (without === null) checkTime(name, value, zone)
        return run.call(this, value, picture, zone)
      }
      return implementation
    },
  }
}

/** What a Date can hold: years -271821 to 275760. */
const latestMs = 8_640_000_000_000_000
/** jsonata reads `+0530`; of `+05:30` it would read five minutes, of a name nothing. */
const zoneForm = /^[+-](?:0\d|1[0-4])[0-5]\d$/

function checkTime(name: string, value: unknown, zone: unknown): void {
  if (typeof value === 'number' && !(Math.abs(value) <= latestMs))
    refuse(`$${name} takes milliseconds since 1970 up to ${latestMs} either way, not ${value}`)
  if (typeof zone === 'string' && !zoneForm.test(zone))
    refuse(`$${name} takes a time zone such as '+0100' or '-0530', not ${JSON.stringify(zone.slice(0, 60))}`)
}

/** The time of the event being handled. */
const now: BuiltIn = {
  signature: '<s?s?:s>',
  make({ original, meter }) {
    const run: (this: Focus, ...args: unknown[]) => unknown = original('fromMillis') as never
    const implementation: Implementation = function (this: Focus, picture: unknown, zone: unknown) {
      checkTime('now', undefined, zone)
      checkLengths('now', [picture])
      return run.call(this, meter.now, picture, zone)
    }
    return implementation
  },
}

function checkLengths(name: string, texts: readonly unknown[]): void {
  for (const text of texts) {
    if (typeof text === 'string' && text.length > pictureCharacters)
      refuse(`$${name} takes texts of at most ${pictureCharacters} characters`)
  }
}

function toMillis(text: unknown): unknown {
  const instant = typeof text === 'string' ? parseInstant(text) : null
  if (instant === null) throw { code: 'D3110', value: text }
  return instant
}

export const times: { readonly [name: string]: BuiltIn } = {
  addDuration: {
    signature: '<(ns)s:x>',
    make: () => (time: unknown, duration: unknown) => added(time, duration),
  },
  toMillis: withPicture('toMillis', toMillis),
  fromMillis: withPicture('fromMillis', null),
  now,
}
