/** A turn that sends, between reduce and commit: what was decided, and what is collected of it. Owns the shapes alone. */
import type { StoredEvent } from '../../interpreter/events.ts'
import type { Outgoing } from '../../interpreter/outgoing.ts'
import type { State } from '../../interpreter/state.ts'
import type {
  AnswerWrite,
  ChildBirth,
  Instant,
  NewRun,
  OutboxWrite,
  TurnMessage,
  TurnSends,
} from '../../storage/contract.ts'
import type { RunIdentity } from '../runs/run-activities.ts'

/** A turn that was reduced and is not written yet. */
export interface DecidedTurn {
  readonly run: RunIdentity
  /** The first turn of a run that a caller started. */
  readonly start: NewRun | null
  readonly state: State
  readonly events: readonly StoredEvent[]
  readonly firstEventId: number
  readonly outgoing: readonly Outgoing[]
  readonly now: Instant
}

/** What is collected for the commit. */
export interface SendsDraft {
  readonly at: Instant
  readonly births: ChildBirth[]
  successor: TurnSends['successor']
  readonly messages: TurnMessage[]
  readonly answers: AnswerWrite[]
  readonly outbox: OutboxWrite[]
  readonly notes: string[]
}
