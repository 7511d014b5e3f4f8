/**
 * Events as the command line shows them, from the engine in this process or from a server: the moments are numbers
 * there and ISO 8601 texts here, so both are accepted. Owns the type and the reading of a moment.
 */

import type { MomentField } from '../../server/api.ts'
import type { HistoryEvent } from '../engine-types.ts'

export type Moment = number | string

type WithMoments<Event> = {
  readonly [Field in keyof Event]: Field extends MomentField
    ? Exclude<Event[Field], number> | Moment
    : Event[Field]
}
/** Distributes over the union, so that `type` still tells the events apart. */
type Shown<Event> = Event extends unknown ? WithMoments<Event> : never

export type ShownEvent = Shown<HistoryEvent>
export type EventOf<T extends ShownEvent['type']> = Extract<ShownEvent, { readonly type: T }>

/** Milliseconds since 1970 UTC. */
export function toMs(moment: Moment): number {
  return typeof moment === 'number' ? moment : Date.parse(moment)
}

/** `14:03:07`, with the date where it is not the same day as `near`; in UTC, as histories are. */
export function showMoment(moment: Moment, near: Moment): string {
  const text = new Date(toMs(moment)).toISOString()
  const sameDay = text.slice(0, 10) === new Date(toMs(near)).toISOString().slice(0, 10)
  return sameDay ? text.slice(11, 19) : `${text.slice(0, 10)} ${text.slice(11, 19)}`
}
