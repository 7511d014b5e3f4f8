import assert from 'node:assert/strict'
import type { HistoryEvent } from '../../engine/index.ts'
import { crashPoints, describeCrash, differencesAfterCrash } from '../../testing/crash-everywhere.ts'
import type { Observation } from '../../testing/observation.ts'
import type { Scenario } from '../../testing/scenario.ts'

const scenario: Scenario = {
  name: 'a',
  path: ['scenarios', 0],
  script: new Map(),
  at: [],
  expect: { path: ['scenarios', 0, 'expect'] },
  notSupported: [],
}

function observation(runId: string, change: Partial<Observation> = {}): Observation {
  return {
    status: 'completed',
    ids: [[runId, '(run id)']],
    isAlone: true,
    result: { id: runId, n: 1 },
    calls: [
      {
        workflowId: 'scenario',
        runId,
        step: 'greet',
        path: 'greet',
        activity: 'a.b',
        attempt: 1,
        input: { key: `${runId}/1` },
        startedAt: 0,
        compensationOf: null,
      },
    ],
    undone: [],
    history: [
      { eventId: 1, type: 'WorkflowTaskContinued', timestamp: 5 },
      { eventId: 2, type: 'WorkflowExecutionCompleted', timestamp: 6, result: { id: runId, n: 1 } },
    ],
    vars: {},
    durationMs: 1,
    waitingFor: [],
    step: null,
    findings: [],
    ...change,
  }
}

const plain = observation('run-a')
const differences = (change: Partial<Observation>) =>
  differencesAfterCrash(scenario, [], plain, observation('run-b', change)).map(({ message }) => message)

describe('the same outcome after a crash', () => {
  it('is everything up to the ids that a run draws for itself', () => {
    assert.deepEqual(differences({}), [])
  })

  for (const [what, change] of [
    ['status', { status: 'failed' }],
    ['result', { result: { id: 'run-b', n: 2 } }],
    ['calls', { calls: [] }],
    ['compensations', { undone: [{ workflowId: 'scenario', step: 'greet' }] }],
    ['vars', { vars: { extra: 1 } }],
    ['duration', { durationMs: 2 }],
  ] as const satisfies readonly (readonly [string, Partial<Observation>])[])
    it(`another ${what} is a difference`, () => {
      assert.ok(differences(change).includes(`${what} differs from the run without a crash`))
    })

  it('another history is a difference, from the first event on', () => {
    assert.deepEqual(differences({ history: plain.history.slice(0, 1) }), [
      'history differs from the run without a crash at event 2',
    ])
    assert.deepEqual(
      differences({
        history: [{ eventId: 1, type: 'WorkflowTaskContinued', timestamp: 6 }, ...plain.history.slice(1)],
      }),
      ['history differs from the run without a crash at event 1'],
    )
  })

  describe('of several executions', () => {
    const call = (workflowId: string, step: string, startedAt = 0) => ({
      workflowId,
      runId: 'r',
      step,
      path: step,
      activity: 'a.b',
      attempt: 1,
      input: null,
      startedAt,
      compensationOf: null,
    })
    const event = (eventId: number, step: string, timestamp: number): HistoryEvent => ({
      eventId,
      type: 'ChildWorkflowExecutionCompleted',
      childId: eventId,
      step,
      path: step,
      timestamp,
      workflowId: `w/${step}`,
      runId: 'r',
      result: null,
    })
    const family = (change: Partial<Observation>) =>
      observation('run-a', {
        isAlone: false,
        calls: [call('w/1', 'a'), call('w/2', 'a'), call('w/1', 'b')],
        history: [event(1, 'x', 5), event(2, 'y', 5)],
        ...change,
      })
    const told = (change: Partial<Observation>) =>
      differencesAfterCrash(scenario, [], family({}), family(change)).map(({ message }) => message)

    it('what they do at one instant has no order', () => {
      assert.deepEqual(
        told({
          calls: [call('w/2', 'a'), call('w/1', 'a'), call('w/1', 'b')],
          history: [event(1, 'y', 5), event(2, 'x', 5)],
        }),
        [],
      )
    })

    it('what each of them does has one, and so have instants', () => {
      assert.deepEqual(told({ calls: [call('w/1', 'b'), call('w/2', 'a'), call('w/1', 'a')] }), [
        'calls differs from the run without a crash',
      ])
      assert.match(told({ history: [event(1, 'x', 5), event(2, 'y', 6)] })[0] ?? '', /^history differs/)
    })
  })

  it('is tried before, after and at rest after each turn', () => {
    assert.deepEqual(crashPoints(2).map(describeCrash), [
      'a crash that loses turn 1',
      'a crash after turn 1, before its effects',
      'a crash at rest after turn 1',
      'a crash that loses turn 2',
      'a crash after turn 2, before its effects',
      'a crash at rest after turn 2',
    ])
  })
})
