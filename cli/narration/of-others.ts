/** What is said of other executions: children, and signals to others. */
import { after, type Memory } from './memory.ts'
import { type Mood, type Sentence, showError, showValue, type Tellers } from './sentence.ts'
import type { EventOf, Moment } from './shown-event.ts'

export const otherTellers = {
  StartChildWorkflowExecutionInitiated: (event, memory) => {
    const { childId, path, workflow, workflowId, attempt, versionRange } = event
    memory.children.set(childId, { path, workflow, workflowId, initiatedAt: event.timestamp })
    const range = versionRange === undefined ? '' : `@${versionRange}`
    const again = attempt > 1 ? `, attempt ${attempt}` : ''
    const text = `starts child ${workflow}${range} as ${workflowId}${again}`
    return { mark: '·', mood: 'neutral', path, text, detail: true }
  },
  ChildWorkflowExecutionStarted: (event, memory) => ({
    mark: '▶',
    mood: 'neutral',
    path: pathOf(event, memory),
    text: `child ${nameOf(event, memory)}@${event.version} started as ${event.workflowId}`,
  }),
  StartChildWorkflowExecutionFailed: (event, memory) => ({
    mark: '✗',
    mood: 'bad',
    path: pathOf(event, memory),
    text: `child ${nameOf(event, memory)} could not start: ${showError(event.error)}`,
  }),
  ChildWorkflowExecutionCompleted: (event, memory) => ended(event, memory, '✓', 'good', 'completed'),
  ChildWorkflowExecutionFailed: (event, memory) => ended(event, memory, '✗', 'bad', 'failed'),
  ChildWorkflowExecutionTimedOut: (event, memory) => ended(event, memory, '✗', 'bad', 'timed out'),
  ChildWorkflowExecutionCanceled: (event, memory) => ended(event, memory, '⊘', 'notice', 'was canceled'),
  ChildWorkflowExecutionTerminated: (event, memory) => ended(event, memory, '⊘', 'notice', 'was terminated'),

  SignalExternalInitiated: (event, memory) => {
    const { signalId, path, signal, workflowId } = event
    memory.signals.set(signalId, { path, signal, workflowId })
    const text = `sends signal ${signal} to ${workflowId} ${showValue(event.input)}`
    return { mark: '·', mood: 'neutral', path, text, detail: true }
  },
  ExternalWorkflowSignaled: (event, memory) => ({
    mark: '✓',
    mood: 'good',
    path: event.path ?? memory.signals.get(event.signalId)?.path ?? null,
    text: `${sentSignal(event, memory)} is accepted`,
  }),
  SignalExternalFailed: (event, memory) => ({
    mark: '✗',
    mood: 'bad',
    path: event.path ?? memory.signals.get(event.signalId)?.path ?? null,
    text: `${sentSignal(event, memory)} is refused: ${showError(event.error)}`,
  }),
} satisfies Partial<Tellers>

interface OfChild {
  readonly childId: number
  readonly path?: string
  readonly timestamp: Moment
}
type Ended = Extract<
  EventOf<`ChildWorkflowExecution${'Completed' | 'Failed' | 'TimedOut' | 'Canceled' | 'Terminated'}`>,
  OfChild
>

function ended(event: Ended, memory: Memory, mark: string, mood: Mood, how: string): Sentence {
  const since = after(memory.children.get(event.childId)?.initiatedAt, event.timestamp)
  const why = 'error' in event ? `: ${showError(event.error)}` : ''
  return {
    mark,
    mood,
    path: pathOf(event, memory),
    text: `child ${nameOf(event, memory)} ${how}${since}${why}`,
  }
}

function pathOf(event: OfChild, memory: Memory): string {
  return event.path ?? memory.children.get(event.childId)?.path ?? `child ${event.childId}`
}

function nameOf(event: OfChild & { readonly workflowId?: string }, memory: Memory): string {
  return memory.children.get(event.childId)?.workflow ?? event.workflowId ?? 'workflow'
}

function sentSignal({ signalId }: { readonly signalId: number }, memory: Memory): string {
  const known = memory.signals.get(signalId)
  return known === undefined ? 'the signal' : `signal ${known.signal} to ${known.workflowId}`
}
