import assert from 'node:assert/strict'
import { childRunId, successorRunId } from '../../../interpreter/values/run-ids.ts'
import { doc, Run, t0 } from '../harness.ts'

describe('ids of runs that a run brings about', () => {
  it('are UUIDs of version 7 of the event, the same whenever they are made, and all different', async () => {
    const run = await Run.start(doc('steps: [ { id: a, activity: x } ]'))
    const ids = [
      successorRunId(run.state),
      ...Array.from({ length: 200 }, (_, n) => childRunId(run.state, n)),
    ]
    const again = [
      successorRunId(run.state),
      ...Array.from({ length: 200 }, (_, n) => childRunId(run.state, n)),
    ]
    assert.deepEqual(ids, again)
    assert.equal(new Set(ids).size, ids.length)
    for (const id of ids) {
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.equal(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16), t0)
    }
    assert.equal(new Set(ids.map((id) => id[19])).size, 4, 'every variant digit is used')
  })

  it('differ from run to run', async () => {
    const one = await Run.start(doc('steps: [ { id: a, activity: x } ]'))
    const runId = '0190a000-0000-7000-8000-000000000002'
    const other = await Run.start(doc('steps: [ { id: a, activity: x } ]'), {}, { runId })
    assert.notEqual(childRunId(one.state, 1), childRunId(other.state, 1))
    assert.notEqual(successorRunId(one.state), successorRunId(other.state))
  })
})
