import assert from 'node:assert/strict'
import type { ActivityExecutor } from '../../../activities/contract.ts'
import { RunActivities } from '../../../engine/runs/run-activities.ts'

const run = { namespace: 'n', workflowId: 'w', runId: 'r', firstRunId: 'r', workflow: 'x', version: '1.0.0' }
const executor = { isStarted: () => false } as Partial<ActivityExecutor> as ActivityExecutor
const host = { executor, unregistered: 'wait', mayDispatch: () => true } as const

describe('the activities of a loaded run', () => {
  it('an attempt that began in a process that has died began in time, before it runs again and after', () => {
    const activities = new RunActivities(run, host, () => assert.fail('nothing is reported'))
    activities.remember({ activityId: 7, attempt: 2, startedAt: 1_000, details: null })
    assert.equal(activities.started(7, 2), true)
    // The next attempt has its own wait for a place.
    assert.equal(activities.started(7, 3), false)
    assert.equal(activities.started(8, 1), false)
  })
})
