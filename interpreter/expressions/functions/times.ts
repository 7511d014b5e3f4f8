/** Times: `$addDuration`, and `$toMillis` without a picture, which jsonata reads in the zone of the machine. */
import { Fault } from '../../fault.ts'
import { addDuration, formatInstant, parseInstant } from '../../time.ts'
import type { BuiltIn, Focus, Implementation } from '../built-ins.ts'

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
        for (const text of [picture, without === null ? zone : value]) {
          if (typeof text === 'string' && text.length > pictureCharacters) {
            refuse(`$${name} takes texts of at most ${pictureCharacters} characters`)
          }
        }
        return run.call(this, value, picture, zone)
      }
      return implementation
    },
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
}
