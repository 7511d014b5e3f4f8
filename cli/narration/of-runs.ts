/** What is said of a run as a whole: its beginning, its end, the next one. */
import { after, type Memory } from './memory.ts'
import { because, type Mood, type Sentence, showError, showValue, type Tellers } from './sentence.ts'
import type { ShownEvent } from './shown-event.ts'

export const runTellers = {
  WorkflowExecutionStarted: (event, memory) => {
    memory.startedAt = event.timestamp
    const again = event.continuedFrom === undefined ? '' : `, continued from run ${event.continuedFrom}`
    const text = `started ${event.workflow}@${event.version}${again}`
    return { mark: '▶', mood: 'neutral', path: null, text, detail: true }
  },
  WorkflowTaskContinued: () => ({
    mark: '·',
    mood: 'neutral',
    path: null,
    text: 'goes on after many steps without waiting',
    detail: true,
  }),
  WorkflowExecutionCompleted: (event, memory) => closed(event, memory, '✓', 'good', 'completed', ''),
  WorkflowExecutionFailed: (event, memory) =>
    closed(event, memory, '✗', 'bad', 'failed', `: ${showError(event.error)}`),
  WorkflowExecutionTimedOut: (event, memory) =>
    closed(event, memory, '✗', 'bad', 'timed out', `: ${showError(event.error)}`),
  WorkflowExecutionCanceled: (event, memory) =>
    closed(event, memory, '⊘', 'notice', 'canceled', `: ${showError(event.error)}`),
  WorkflowExecutionTerminated: (event, memory) =>
    closed(event, memory, '⊘', 'notice', 'terminated', because(event.reason)),
  WorkflowExecutionContinuedAsNew: (event, memory) => {
    const version = event.version === undefined ? '' : ` on version ${event.version}`
    const next = `: run ${event.newRunId}${version}, with ${showValue(event.input)}`
    return closed(event, memory, '↪', 'neutral', 'continues as new', next)
  },
} satisfies Partial<Tellers>

function closed(
  event: ShownEvent,
  memory: Memory,
  mark: string,
  mood: Mood,
  what: string,
  more: string,
): Sentence {
  return { mark, mood, path: null, text: `${what}${after(memory.startedAt, event.timestamp)}${more}` }
}
