import assert from 'node:assert/strict'
import { defineActivity } from '../../activities/index.ts'
import { Perdure } from '../../engine/embedded/perdure.ts'
import { openActivities } from '../../engine/embedded/process-activities.ts'
import { doc } from './support.ts'

const versions = ['1.0.0', '1.4.0', '2.0.0', '2.1.0', '3.0.0-beta.1'].map((version) =>
  defineActivity({
    name: 'pay',
    version,
    // The own settings of each version differ, so that it shows which were recorded.
    retry: { maximumAttempts: Number(version[0]), initialInterval: '1ms' },
    input: { type: 'object', properties: { fails: { type: 'boolean' } } },
    run: (input: { fails?: boolean } | null) => {
      if (input?.fails === true) throw new Error(`pay ${version} fails`)
      return version
    },
  }),
)

describe('engine: versions of activities', () => {
  let perdure: Perdure

  before(async () => {
    perdure = new Perdure({ inMemory: true, activities: versions, unregistered: 'fail' })
    await perdure.start()
  })
  after(() => perdure.stop())

  async function outcomeOf(name: string, steps: string) {
    await perdure.deploy(doc(steps, name))
    const handle = await perdure.client.start(name, { workflowId: name })
    return { handle, outcome: await handle.outcome({ waitMs: 10_000 }) }
  }

  it('runs the highest in the range, without one the highest stable', async () => {
    const { outcome } = await outcomeOf(
      'ranges',
      `steps:
  - { id: plain, activity: pay, input: {} }
  - { id: one, activity: pay@^1, input: {} }
  - { id: two, activity: pay@~2.0, input: {} }
  - { id: three, activity: pay@>=3.0.0-0, input: {} }
  - return: [ "\${ steps.plain }", "\${ steps.one }", "\${ steps.two }", "\${ steps.three }" ]`,
    )
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.deepEqual(outcome.result, ['2.1.0', '1.4.0', '2.0.0', '3.0.0-beta.1'])
  })

  it('keeps the own settings of each range apart', async () => {
    const { handle, outcome } = await outcomeOf(
      'apart',
      `steps:
  - try: [ { id: one, activity: pay@^1, input: { fails: true } } ]
    catch: [ { do: [ { id: said, activity: log.write, input: { message: failed } } ] } ]
  - { id: two, activity: pay@^2, input: { fails: true } }`,
    )
    assert.ok(outcome.status === 'failed')
    assert.equal(outcome.error.message, 'pay 2.1.0 fails')
    assert.equal(outcome.error.attempt, 2)
    const attempts: (string | undefined)[] = []
    for await (const event of handle.history()) {
      if (event.type === 'WorkflowExecutionStarted') {
        assert.deepEqual(Object.keys(event.activities).sort(), ['pay@^1', 'pay@^2'])
      }
      if (event.type === 'ActivityTaskStarted') attempts.push(event.step)
    }
    assert.deepEqual(attempts, ['one', 'said', 'two', 'two'])
  })

  it('names the versions there are where none fits', async () => {
    const { outcome } = await outcomeOf('none', 'steps: [ { id: four, activity: pay@^4, input: {} } ]')
    assert.ok(outcome.status === 'failed')
    assert.equal(outcome.error.type, 'ActivityNotRegistered')
    assert.match(
      outcome.error.message,
      /no version in `\^4`.*1\.0\.0, 1\.4\.0, 2\.0\.0, 2\.1\.0, 3\.0\.0-beta\.1/,
    )
  })

  it('waits for a worker, and why says which versions are here', async () => {
    const waiting = new Perdure({ inMemory: true, activities: versions })
    await waiting.start()
    try {
      await waiting.deploy(doc('steps: [ { id: four, activity: pay@^4, input: {} } ]', 'waits'))
      const handle = await waiting.client.start('waits')
      const { waitingFor } = await handle.describe()
      assert.equal(waitingFor[0]?.kind, 'worker')
      assert.match(waitingFor[0]?.text ?? '', /2\.1\.0/)
    } finally {
      await waiting.stop({ graceMs: 0 })
    }
  })

  it('checks no document against the schema of one of several', async () => {
    const other = { name: 'one', input: { type: 'object' }, output: { type: 'string' }, run: () => '' }
    const { known } = await openActivities({ given: [...versions, other] })
    assert.deepEqual(known.get('pay'), {})
    assert.deepEqual(known.get('one'), { input: other.input, output: other.output })
  })
})
