import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActivityContext } from '../../engine/index.ts'
import { TestEngine, type TestEngineOptions, virtualStart } from '../../testing/index.ts'
import { until } from '../until.ts'

const order = `dsl: perdure/1
name: order
version: 1.0.0
vars: { state: new }
signals: { approval: { schema: { type: object, required: [approved] } } }
queries: { state: "\${ vars.state }" }
steps:
  - { id: charge, activity: payments.charge, input: "\${ input }", retry: { maximumAttempts: 2 } }
  - set: { state: charged }
  - { id: approval, wait: { signal: approval }, timeout: 48h }
  - { id: pause, wait: 1h }
  - { id: ship, activity: shipping.create }
  - return: { charge: "\${ steps.charge }", ship: "\${ steps.ship }" }
`

describe('TestEngine', () => {
  let folder = ''
  let file = ''
  let engine: TestEngine | null = null
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'perdure-test-engine-'))
    file = join(folder, 'order.yaml')
    await writeFile(file, order)
  })
  afterEach(async () => {
    await engine?.stop()
    engine = null
  })
  after(() => rm(folder, { recursive: true }))

  async function create(options: TestEngineOptions): Promise<TestEngine> {
    engine = await TestEngine.create({ documents: [file], ...options })
    return engine
  }

  it('runs scripted activities in virtual time', async () => {
    const engine = await create({
      script: { charge: { returns: { id: 'p-${ input.n }' }, takes: '10s' }, ship: { returns: 't-1' } },
    })
    const run = await engine.start('order', { input: { n: 1 }, workflowId: 'o-1' })
    assert.equal(run.workflowId, 'o-1')
    assert.equal(await run.query('state'), 'new')
    await engine.advance('10s')
    assert.equal(await run.query('state'), 'charged')
    assert.equal(engine.now(), virtualStart + 10_000)
    await run.signal('approval', { approved: true })
    assert.deepEqual(await run.result(), { charge: { id: 'p-1' }, ship: 't-1' })
    assert.equal(engine.now(), virtualStart + 3_610_000)
    assert.deepEqual(
      engine.calls.map((call) => call.step),
      ['charge', 'ship'],
    )
  })

  it('runs real activities while virtual time stands still', async () => {
    let attempts = 0
    const engine = await create({
      activities: [
        {
          name: 'payments.charge',
          async run(input: unknown) {
            attempts += 1
            await new Promise((resolve) => setTimeout(resolve, 20))
            if (attempts === 1) throw new Error('try again')
            return { attempts, input }
          },
        },
      ],
      script: { 'shipping.create': { returns: 't-1' } },
    })
    const run = await engine.start('order', { input: { n: 1 } })
    // The first attempt failed, and the second waits for its pause.
    assert.equal(attempts, 1)
    assert.equal(engine.now(), virtualStart)
    await engine.advance('1s')
    assert.equal(attempts, 2)
    await run.signal('approval', { approved: true })
    assert.deepEqual(await run.result(), { charge: { attempts: 2, input: { n: 1 } }, ship: 't-1' })
  })

  it('runs a real activity again that a crash has ended', async () => {
    const keys: string[] = []
    let release: () => void = () => {}
    const engine = await create({
      activities: [
        {
          name: 'payments.charge',
          async run(_input: unknown, context: ActivityContext) {
            keys.push(context.idempotencyKey)
            if (keys.length === 1) await new Promise<void>((resolve) => (release = resolve))
            return keys.length
          },
        },
      ],
      script: { ship: { returns: 2 } },
    })
    const starting = engine.start('order', { input: {} })
    await until(() => keys.length > 0)
    await engine.crash()
    release()
    const run = await starting
    await run.signal('approval', { approved: true })
    assert.deepEqual(await run.result(), { charge: 2, ship: 2 })
    assert.equal(keys.length, 2)
    assert.equal(keys[0], keys[1])
  })

  it('delays a start in virtual time, and brings its signal', async () => {
    const engine = await create({ script: { charge: { returns: 1 }, ship: { returns: 2 } } })
    const signal = { name: 'approval', input: { approved: true } }
    const run = await engine.start('order', { input: {}, startDelay: '7d', signal })
    await engine.advance('167h')
    assert.equal(engine.calls.length, 0)
    assert.deepEqual(await run.result(), { charge: 1, ship: 2 })
    assert.equal(engine.now(), virtualStart + 169 * 3_600_000)
  })

  it('survives a crash', async () => {
    const engine = await create({ script: { charge: { returns: 1, takes: '10s' }, ship: { returns: 2 } } })
    const run = await engine.start('order', { input: {} })
    await engine.advance('5s')
    await engine.crash()
    await run.signal('approval', { approved: true })
    await engine.crash()
    assert.deepEqual(await run.result(), { charge: 1, ship: 2 })
    assert.equal(engine.calls.length, 2)
  })

  it('skips until nothing can happen any more', async () => {
    const engine = await create({ script: { charge: { returns: 1 }, ship: { returns: 2 } } })
    const run = await engine.start('order', { input: {} })
    await engine.runUntilQuiet()
    const outcome = await run.outcome()
    assert.equal(outcome.status, 'failed')
    assert.ok('error' in outcome)
    assert.equal(outcome.error.type, 'Timeout')
    assert.equal(engine.now(), virtualStart + 48 * 3_600_000)
    await assert.rejects(run.result(), /the run is failed: Timeout/)
    const history = await run.history()
    assert.equal(history.at(-1)?.type, 'WorkflowExecutionFailed')
    assert.deepEqual(
      history.map((event) => event.eventId),
      history.map((_, index) => index + 1),
    )
  })

  it('cancels, terminates and describes', async () => {
    const engine = await create({ script: { charge: { returns: 1 } } })
    const one = await engine.start('order', { input: {} })
    const [where] = (await one.describe()).at
    assert.equal(where?.step, 'approval')
    await one.cancel('enough')
    assert.equal((await one.outcome()).status, 'canceled')
    const other = await engine.start('order', { input: {} })
    await other.terminate('enough')
    assert.equal((await other.outcome()).status, 'terminated')
  })

  it('says what is wrong with a document, a script, a duration or a call', async () => {
    const bad = join(folder, 'bad.yaml')
    await writeFile(bad, 'dsl: perdure/1\nname: bad\nversion: 1.0.0\nsteps: [{ set: { x: 1 } }]\n')
    await assert.rejects(TestEngine.create({ documents: [bad] }), /bad\.yaml:4:\d+ /)
    await assert.rejects(TestEngine.create({ documents: [join(folder, 'none.yaml')] }), /cannot be read/)
    await assert.rejects(
      TestEngine.create({ script: { a: { return: 1 } } }),
      /script \/a\/return: unknown key "return"/,
    )
    const engine = await create({ script: { ship: { returns: 1 } } })
    await assert.rejects(engine.advance('soon'), /is not a duration/)
    await assert.rejects(engine.start('order', { input: {} }), /step "charge" .*no script/)
  })
})
