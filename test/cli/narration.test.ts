import assert from 'node:assert/strict'
import type { HistoryEvent } from '../../cli/engine-types.ts'
import { Narrator } from '../../cli/narration/narrator.ts'
import { workflowError } from '../../interpreter/errors/fault.ts'
import { isInput } from '../../interpreter/events.ts'

const start = Date.UTC(2026, 0, 2, 3, 4, 5)
const error = workflowError({ type: 'Broken', message: 'it broke' }, { step: 's', path: 's' })
type WithoutPlace<Event> = Event extends unknown ? Omit<Event, 'timestamp' | 'eventId'> : never

/** One event a second; each with the sentence that it must have: mark, step, text. `-` stands for the whole run. */
const cases: readonly (readonly [event: WithoutPlace<HistoryEvent>, sentence: string])[] = [
  [
    {
      type: 'WorkflowExecutionStarted',
      workflowId: 'w',
      runId: 'r-2',
      workflow: 'order',
      version: '1.0.0',
      digest: 'd',
      input: null,
      attempt: 1,
      parent: null,
      activities: {},
      limits: {},
      flags: [],
      firstRunId: 'r-1',
      continuedFrom: 'r-1',
    },
    '▶ - started order@1.0.0, continued from run r-1',
  ],
  [{ type: 'WorkflowTaskContinued' }, '· - goes on after many steps without waiting'],
  [
    {
      type: 'ActivityTaskScheduled',
      step: 'a',
      path: 'a',
      activityId: 1,
      activity: 'pay.charge',
      input: null,
      taskQueue: 'bank',
      summary: 'order 7',
    },
    '· a pay.charge scheduled on queue bank: order 7',
  ],
  [
    { type: 'ActivityTaskStarted', activityId: 1, attempt: 1, startedAt: start + 2_000 },
    '· a attempt 1 started',
  ],
  [
    {
      type: 'ActivityTaskFailed',
      activityId: 1,
      attempt: 1,
      error: { type: 'Busy', message: 'later' },
      willRetryAt: start + 9_000,
    },
    '↻ a pay.charge failed after 2 s, attempt 1: Busy: later; tried again in 5 s',
  ],
  [
    { type: 'ActivityTaskTimedOut', activityId: 1, attempt: 2, kind: 'StartToClose' },
    '✗ a pay.charge timed out (StartToClose) after 3 s, attempt 2',
  ],
  [
    { type: 'ActivityTaskCompleted', activityId: 1, attempt: 3, result: null },
    '✓ a pay.charge took 4 s, attempt 3',
  ],
  [
    { type: 'ActivityTaskCancelRequested', step: 'a', path: 'a', activityId: 1 },
    '⊘ a pay.charge is asked to stop',
  ],
  [{ type: 'ActivityTaskCanceled', activityId: 1, attempt: 3 }, '⊘ a pay.charge was canceled after 6 s'],
  [{ type: 'CompensationScheduled', step: 'a', path: 'a' }, '↩ a is undone'],
  [
    { type: 'TimerStarted', timerId: 2, purpose: 'retry', step: 'g', path: 'g', fireAt: start + 70_000 },
    '↻ g is tried again in 1 m, until 03:05:15',
  ],
  [{ type: 'TimerFired', timerId: 2 }, '↻ g is tried again'],
  [
    { type: 'TimerStarted', timerId: 3, purpose: 'after', path: 'review', fireAt: start + 72_000 },
    '◷ review leaves its state by itself in 1 m, until 03:05:17',
  ],
  [{ type: 'TimerFired', timerId: 3 }, '✓ review its time in this state is over'],
  [
    { type: 'TimerStarted', timerId: 4, purpose: 'execution', fireAt: start + 74_000 },
    '◷ - the execution may take 1 m, until 03:05:19',
  ],
  [{ type: 'TimerFired', timerId: 4 }, "✗ - the execution's timeout passed"],
  [{ type: 'TimerCanceled', step: 'g', path: 'g', timerId: 2 }, '· g the timer is no longer needed'],
  [
    {
      type: 'StartChildWorkflowExecutionInitiated',
      step: 'k',
      path: 'all[0].k',
      childId: 5,
      workflow: 'ship',
      versionRange: '^1',
      workflowId: 'w/k',
      runId: 'c-1',
      input: null,
      attempt: 2,
      onParentClose: 'terminate',
    },
    '· all[0].k starts child ship@^1 as w/k, attempt 2',
  ],
  [
    { type: 'ChildWorkflowExecutionStarted', childId: 5, workflowId: 'w/k', runId: 'c-1', version: '1.2.0' },
    '▶ all[0].k child ship@1.2.0 started as w/k',
  ],
  [
    { type: 'ChildWorkflowExecutionCompleted', childId: 5, workflowId: 'w/k', runId: 'c-1', result: 1 },
    '✓ all[0].k child ship completed after 2 s',
  ],
  [
    { type: 'ChildWorkflowExecutionFailed', childId: 5, workflowId: 'w/k', runId: 'c-1', error },
    '✗ all[0].k child ship failed after 3 s: Broken: it broke (at s)',
  ],
  [
    { type: 'ChildWorkflowExecutionTimedOut', childId: 5, workflowId: 'w/k', runId: 'c-1', error },
    '✗ all[0].k child ship timed out after 4 s: Broken: it broke (at s)',
  ],
  [
    { type: 'ChildWorkflowExecutionCanceled', childId: 5, workflowId: 'w/k', runId: 'c-1', error },
    '⊘ all[0].k child ship was canceled after 5 s: Broken: it broke (at s)',
  ],
  [
    { type: 'ChildWorkflowExecutionTerminated', childId: 5, workflowId: 'w/k', runId: 'c-1', error },
    '⊘ all[0].k child ship was terminated after 6 s: Broken: it broke (at s)',
  ],
  [
    {
      type: 'StartChildWorkflowExecutionFailed',
      childId: 5,
      error: { type: 'WorkflowNotFound', message: 'no ship' },
    },
    '✗ all[0].k child ship could not start: WorkflowNotFound: no ship',
  ],
  [
    {
      type: 'SignalExternalInitiated',
      step: 't',
      path: 't',
      signalId: 6,
      workflowId: 'other',
      signal: 'go',
      input: { n: 1 },
    },
    '· t sends signal go to other {"n":1}',
  ],
  [{ type: 'ExternalWorkflowSignaled', signalId: 6, runId: 'x' }, '✓ t signal go to other is accepted'],
  [
    {
      type: 'SignalExternalFailed',
      signalId: 6,
      error: { type: 'SignalTargetNotFound', message: 'none is open' },
    },
    '✗ t signal go to other is refused: SignalTargetNotFound: none is open',
  ],
  [{ type: 'WorkflowSignalReceived', signal: 'go', input: [1] }, '✉ - signal go [1]'],
  [
    { type: 'WorkflowUpdateAccepted', update: 'add', updateId: 'u', input: { n: 1 } },
    '✉ - update add {"n":1}',
  ],
  [
    {
      type: 'WorkflowUpdateCompleted',
      update: 'add',
      updateId: 'u',
      outcome: { kind: 'completed', result: 2 },
    },
    '✓ - update add is answered 2',
  ],
  [
    { type: 'WorkflowUpdateCompleted', update: 'add', updateId: 'u', outcome: { kind: 'failed', error } },
    '✗ - update add failed: Broken: it broke (at s)',
  ],
  [
    {
      type: 'EventEmitted',
      step: 'e',
      path: 'e',
      eventType: 'order.shipped',
      subject: 'o-1',
      data: { t: 1 },
    },
    '» e emits order.shipped about o-1 {"t":1}',
  ],
  [{ type: 'StateTransitioned', from: 'a', to: 'b', trigger: 'next' }, '→ - from a to b'],
  [
    { type: 'StateTransitioned', from: 'a', to: 'b', trigger: 'signal', signal: 'go' },
    '→ - from a to b, by signal go',
  ],
  [
    { type: 'StateTransitioned', from: 'a', to: 'b', trigger: 'after' },
    '→ - from a to b, since its time was over',
  ],
  [
    { type: 'StateTransitioned', from: 'a', to: 'b', trigger: 'catch' },
    '→ - from a to b, because of an error',
  ],
  [{ type: 'WorkflowExecutionPaused', reason: 'audit', path: 'a' }, '‖ a paused: audit'],
  [
    { type: 'WorkflowExecutionResumed', reason: 'seen', skip: true },
    '▶ - resumed, without what could not be undone: seen',
  ],
  [{ type: 'WorkflowExecutionCancelRequested', reason: 'enough' }, '⊘ - asked to cancel: enough'],
  [{ type: 'WorkflowExecutionCompleted', result: 1 }, '✓ - completed after 40 s'],
  [{ type: 'WorkflowExecutionFailed', error }, '✗ - failed after 41 s: Broken: it broke (at s)'],
  [{ type: 'WorkflowExecutionTimedOut', error }, '✗ - timed out after 42 s: Broken: it broke (at s)'],
  [{ type: 'WorkflowExecutionCanceled', error }, '⊘ - canceled after 43 s: Broken: it broke (at s)'],
  [{ type: 'WorkflowExecutionTerminated', reason: null }, '⊘ - terminated after 44 s'],
  [
    { type: 'WorkflowExecutionContinuedAsNew', newRunId: 'r-3', input: { n: 2 }, version: '^2' },
    '↪ - continues as new after 45 s: run r-3 on version ^2, with {"n":2}',
  ],
]

describe('the sentences of a history', () => {
  it('tell every type of event', () => {
    const told = new Set(cases.map(([event]) => event.type))
    assert.deepEqual([...told].sort(), Object.keys(isInput).sort())
  })

  it('say what happened, to which step, and what it took', () => {
    const narrator = new Narrator()
    for (const [index, [event, expected]] of cases.entries()) {
      const whole = { ...event, eventId: index + 1, timestamp: start + index * 1_000 } as HistoryEvent
      const { mark, path, text } = narrator.tell(whole)
      assert.equal(`${mark} ${path ?? '-'} ${text}`, expected)
    }
    assert.deepEqual([narrator.attempts, narrator.retries, narrator.startedAtMs], [1, 0, start])
  })

  it('do without what came before', () => {
    for (const [event] of cases) {
      const narrator = new Narrator()
      const { text } = narrator.tell({ ...event, eventId: 9, timestamp: start } as HistoryEvent)
      assert.ok(text.length > 3 && !text.includes('undefined'), `${event.type}: ${text}`)
    }
  })

  it('are the same of events as a server shows them', () => {
    const narrator = new Narrator()
    const shown = (ms: number) => new Date(ms).toISOString()
    for (const [index, [event, expected]] of cases.entries()) {
      const moments = Object.fromEntries(
        Object.entries({ ...event, timestamp: start + index * 1_000 }).map(([key, value]) => [
          key,
          typeof value === 'number' && /^timestamp$|At$/.test(key) ? shown(value) : value,
        ]),
      )
      const { mark, path, text } = narrator.tell({ ...moments, eventId: index + 1 } as HistoryEvent)
      assert.equal(`${mark} ${path ?? '-'} ${text}`, expected)
    }
  })
})
