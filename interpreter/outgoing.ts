/**
 * What a turn sends into the world's books: children, the next run, signals to others, answers, published events.
 * Owns the shapes. All of it is written in the commit of the turn that decides it, NEVER apart from it (keeps I8), and
 * what answers it comes back as an input. A fold gives it again, and whoever folds drops it.
 */
import type { Json } from '../schema/json.ts'
import type { WorkflowError } from './errors/fault.ts'
import type { Instant, PendingId, ReplyTo } from './events.ts'

export type Outgoing =
  /**
   * Born with the turn: `childrenPending[childId]` (of the state before a close) says all of it. Answered with
   * `ChildWorkflowExecutionStarted` or `StartChildWorkflowExecutionFailed`.
   */
  | {
      readonly kind: 'startChild'
      readonly childId: PendingId
      readonly workflow: string
      readonly versionRange?: string
      readonly workflowId: string
      readonly runId: string
      readonly input: Json
      readonly attempt: number
      readonly initiatedAt: Instant
    }
  /** To the open run of the chain that begins with `runId`. Not answered; a child that has ended is left alone. */
  | {
      readonly kind: 'cancelChild' | 'terminateChild'
      readonly workflowId: string
      readonly runId: string
      readonly reason: string
    }
  /** Answered with `ExternalWorkflowSignaled` or `SignalExternalFailed`. */
  | {
      readonly kind: 'signal'
      readonly signalId: PendingId
      readonly workflowId: string
      readonly signal: string
      readonly input: Json
    }
  /** The event that stands at `eventIndex` of the turn's events goes to the outbox. */
  | { readonly kind: 'emit'; readonly eventIndex: number }
  /** To whoever sent an update, or a signal to a state machine. */
  | { readonly kind: 'answer'; readonly to: ReplyTo; readonly answer: Answer }
  /** The run continues as new: the next run, and the signals that go along, in order. Its chain's deadline too. */
  | {
      readonly kind: 'continueAsNew'
      readonly newRunId: string
      readonly input: Json
      readonly version?: string
      readonly signals: readonly { readonly signal: string; readonly input: Json }[]
      readonly deadlineAt?: Instant
    }

export type Answer =
  /** The result of an update; of a signal to a state machine: null, a transition took it. */
  | { readonly kind: 'completed'; readonly result: Json }
  /** The update's handler failed. */
  | { readonly kind: 'failed'; readonly error: WorkflowError }
  /** Not accepted: `UpdateRejected`, `SignalNotExpected`, `ExecutionPaused`, `ExecutionClosed`. No trace in history. */
  | { readonly kind: 'refused'; readonly error: WorkflowError }
