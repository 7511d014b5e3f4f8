/** What is said of messages that come in, of events that go out, and of the changes of a state machine. */
import { because, showError, showValue, type Tellers } from './sentence.ts'
import type { EventOf } from './shown-event.ts'

export const messageTellers = {
  WorkflowSignalReceived: (event) => ({
    mark: '✉',
    mood: 'good',
    path: null,
    text: `signal ${event.signal} ${showValue(event.input)}`,
  }),
  WorkflowUpdateAccepted: (event) => ({
    mark: '✉',
    mood: 'good',
    path: null,
    text: `update ${event.update} ${showValue(event.input)}`,
  }),
  WorkflowUpdateCompleted: ({ update, outcome }) =>
    outcome.kind === 'completed'
      ? {
          mark: '✓',
          mood: 'good',
          path: null,
          text: `update ${update} is answered ${showValue(outcome.result)}`,
        }
      : {
          mark: '✗',
          mood: 'notice',
          path: null,
          text: `update ${update} failed: ${showError(outcome.error)}`,
        },
  WorkflowExecutionCancelRequested: (event) => ({
    mark: '⊘',
    mood: 'notice',
    path: null,
    text: `asked to cancel${because(event.reason)}`,
  }),
  WorkflowExecutionPaused: (event) => ({
    mark: '‖',
    mood: 'notice',
    path: event.path ?? null,
    text: `paused${because(event.reason)}`,
  }),
  WorkflowExecutionResumed: (event) => ({
    mark: '▶',
    mood: 'notice',
    path: null,
    text: `resumed${event.skip ? ', without what could not be undone' : ''}${because(event.reason)}`,
  }),
  EventEmitted: (event) => ({
    mark: '»',
    mood: 'good',
    path: event.path,
    text: `emits ${event.eventType}${event.subject === undefined ? '' : ` about ${event.subject}`} ${showValue(event.data)}`,
  }),
  StateTransitioned: (event) => ({
    mark: '→',
    mood: 'good',
    path: null,
    text: `from ${event.from} to ${event.to}${cause(event)}`,
  }),
} satisfies Partial<Tellers>

function cause(event: EventOf<'StateTransitioned'>): string {
  switch (event.trigger) {
    case 'next':
      return ''
    case 'after':
      return ', since its time was over'
    case 'catch':
      return ', because of an error'
    case 'signal':
      return event.signal === undefined ? ', by a signal' : `, by signal ${event.signal}`
    default:
      return event.trigger satisfies never
  }
}
