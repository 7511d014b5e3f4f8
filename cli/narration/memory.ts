/**
 * What must be remembered of the events of a run to tell the later ones: an outcome names its activity, timer or child
 * by id alone. Owns that memory and the counts; the sentences are in the files of their families.
 */
import { showDuration } from '../settings/durations.ts'
import { type EventOf, type Moment, toMs } from './shown-event.ts'

export interface KnownActivity {
  readonly path: string
  readonly activity: string
  readonly scheduledAt: Moment
  startedAt: Moment | null
}

export interface KnownTimer {
  readonly path: string
  readonly purpose: EventOf<'TimerStarted'>['purpose']
}

export interface KnownChild {
  readonly path: string
  readonly workflow: string
  readonly workflowId: string
  readonly initiatedAt: Moment
}

export interface KnownExternalSignal {
  readonly path: string
  readonly signal: string
  readonly workflowId: string
}

export class Memory {
  readonly activities = new Map<number, KnownActivity>()
  readonly timers = new Map<number, KnownTimer>()
  readonly children = new Map<number, KnownChild>()
  readonly signals = new Map<number, KnownExternalSignal>()
  startedAt: Moment | null = null
  /** Of activities. */
  attempts = 0
  /** Attempts that were not the first. */
  retries = 0
}

/** ` after 1.2 s`, or nothing where the beginning is not known. */
export function after(from: Moment | null | undefined, to: Moment): string {
  return from === null || from === undefined
    ? ''
    : ` after ${showDuration(Math.max(0, toMs(to) - toMs(from)))}`
}
