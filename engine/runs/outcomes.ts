/**
 * The door through which activity results enter a run: what an attempt reported becomes the inputs of the reducer.
 * Owns the check of its values. A value that the database cannot hold, or that is too large, fails the attempt here,
 * so that it never reaches a batch with the turns of others.
 */
import type { AttemptOutcome } from '../../activities/contract.ts'
import type { ErrorShape } from '../../interpreter/errors/fault.ts'
import type { InputEvent, Instant, PendingId } from '../../interpreter/events.ts'
import { storableText } from '../../interpreter/values/values.ts'
import { checkValue, resultError } from '../doors/value-door.ts'
import type { QueuedInput } from './input-queue.ts'

/** Written for an attempt's start and the frame of its outcome. */
const outcomeFrameBytes = 160

/** The start of the attempt, and its outcome. */
export function inputsOfOutcome(
  activityId: PendingId,
  attempt: number,
  outcome: AttemptOutcome,
  now: Instant,
  payloadBytes: number,
): readonly QueuedInput[] {
  const started: InputEvent = {
    type: 'ActivityTaskStarted',
    timestamp: now,
    activityId,
    attempt,
    startedAt: outcome.startedAt,
  }
  const { event, bytes } = eventOf(activityId, attempt, outcome, now, payloadBytes)
  return [
    { event: started, bytes: outcomeFrameBytes, seq: null },
    { event, bytes: outcomeFrameBytes + bytes, seq: null },
  ]
}

function eventOf(
  activityId: PendingId,
  attempt: number,
  outcome: AttemptOutcome,
  timestamp: Instant,
  payloadBytes: number,
): { event: InputEvent; bytes: number } {
  switch (outcome.kind) {
    case 'completed': {
      const checked = checkValue(outcome.result, payloadBytes)
      if (checked.problem === null) {
        const { value: result, bytes } = checked
        return { event: { type: 'ActivityTaskCompleted', timestamp, activityId, attempt, result }, bytes }
      }
      const error = resultError(checked.problem)
      return { event: { type: 'ActivityTaskFailed', timestamp, activityId, attempt, error }, bytes: 200 }
    }
    case 'failed': {
      const error = storableError(outcome.error, payloadBytes)
      return {
        event: {
          type: 'ActivityTaskFailed',
          timestamp,
          activityId,
          attempt,
          error,
          ...(outcome.retryAfterMs !== undefined && { retryAfterMs: outcome.retryAfterMs }),
        },
        bytes: error.message.length + 200,
      }
    }
    case 'timedOut':
      return {
        event: { type: 'ActivityTaskTimedOut', timestamp, activityId, attempt, kind: outcome.timeout },
        bytes: 0,
      }
    case 'canceled': {
      const { details } = outcome
      const keep = details !== undefined && checkValue(details, payloadBytes).problem === null
      return {
        event: { type: 'ActivityTaskCanceled', timestamp, activityId, attempt, ...(keep && { details }) },
        bytes: 0,
      }
    }
    default:
      return outcome satisfies never
  }
}

const longestType = 200
const longestMessage = 10_000

/** An error may hold anything that a library threw: its texts are made storable rather than refused, its details dropped if they are not. */
function storableError(error: ErrorShape, payloadBytes: number): ErrorShape {
  const checked = checkValue(
    [error.type, error.message, error.details ?? null, error.cause ?? null],
    payloadBytes,
  )
  if (checked.problem === null) return error
  return {
    type: storableText(error.type, longestType),
    message: storableText(error.message, longestMessage),
    details: { dropped: `the details of this error ${checked.problem.message}` },
    ...(error.retryable !== undefined && { retryable: error.retryable }),
  }
}
