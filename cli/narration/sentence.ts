/**
 * A sentence about one event, and the words that sentences share. Owns the shape; layout is `sentence-line.ts`, what is
 * said of which event is in the files of its family.
 */
import type { Json } from '../../schema/json.ts'
import type { WorkflowError } from '../engine-types.ts'
import type { Memory } from './memory.ts'
import type { EventOf, ShownEvent } from './shown-event.ts'

export type Mood = 'good' | 'bad' | 'notice' | 'neutral'

export interface Sentence {
  readonly mark: string
  readonly mood: Mood
  /** The address of the step, or null where the event belongs to the whole run. */
  readonly path: string | null
  readonly text: string
  /** Of interest in a history, but not as progress. */
  readonly detail?: true
}

/** What is said of each event. A new event does not compile until it has its sentence. */
export type Tellers = {
  readonly [T in ShownEvent['type']]: (event: EventOf<T>, memory: Memory) => Sentence
}

/** Why somebody asked for something, as it follows a sentence. */
export function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`
}

/** With the step that raised it and the chain of causes, each once. */
export function showError(
  error: Pick<WorkflowError, 'type' | 'message'> & {
    readonly cause?: WorkflowError | null
    readonly path?: string | null
  },
): string {
  const where = error.path === undefined || error.path === null ? '' : ` (at ${error.path})`
  const cause = error.cause ? `; because of ${showError(error.cause)}` : ''
  return `${error.type}: ${error.message}${where}${cause}`
}

/** A payload in one line, cut where it is long. */
export function showValue(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}
