import assert from 'node:assert/strict'
import { EngineError } from '../../../engine/engine-error.ts'
import { StorageUnavailableError } from '../../../storage/contract.ts'
import { SetClock } from '../../set-clock.ts'
import { openBench } from '../engines.ts'
import {
  allEvents,
  type Bench,
  codeOf,
  deploy,
  doc,
  echo,
  FunctionExecutor,
  namespace,
  startEngine,
} from '../support.ts'
import type { Taps } from '../wrapped-storage.ts'

const counting = doc(
  `
input: { type: object, required: [n], properties: { n: { type: integer } } }
steps:
  - if: input.n > 0
    continueAsNew: { input: { n: "\${ input.n - 1 }" } }
  - return: \${ workflow.runId }
`,
  'counting',
)

/** Takes the signals \`add\` one by one, and goes on as a new run after each. */
const adding = doc(
  `
input: { type: object, properties: { total: { type: integer, default: 0 }, rounds: { type: integer, default: 0 } } }
signals: { add: { schema: { type: integer } }, stop: {} }
queries: { total: "\${ input.total }" }
steps:
  - if: input.rounds = 30
    return: \${ input.total }
  - id: next
    wait: { signal: add }
  - continueAsNew: { input: { total: "\${ input.total + steps.next }", rounds: "\${ input.rounds + 1 }" } }
`,
  'adding',
)

describe('engine: continue as new', () => {
  let bench: Bench
  let taps: Taps
  const ref = { namespace, workflowId: 'chain' }

  beforeEach(async () => {
    taps = {}
    bench = await openBench(taps, [counting, adding])
  })
  afterEach(() => bench.engine.stop({ graceMs: 0 }))

  it('shows as one execution: result, list, description and history', async () => {
    const { engine } = bench
    const { runId } = await engine.startExecution({
      ...ref,
      workflow: 'counting',
      input: { n: 3 },
      memo: { a: 1 },
    })
    const outcome = await engine.result({ ...ref, runId })
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.notEqual(outcome.runId, runId)
    assert.equal(outcome.result, outcome.runId)
    assert.deepEqual(await engine.result(ref), outcome)
    const { items } = await engine.list(namespace, {})
    assert.deepEqual(
      items.map((item) => [item.runId, item.status]),
      [[outcome.runId, 'completed']],
    )
    assert.equal(await engine.count(namespace, "status = 'continuedAsNew'"), 3)
    const last = await engine.describe(ref)
    assert.equal(last.runId, outcome.runId)
    assert.equal(last.firstRunId, runId)
    assert.deepEqual(last.memo, { a: 1 })
    const first = await engine.describe({ ...ref, runId })
    assert.equal(first.status, 'continuedAsNew')
    const own = await engine.result({ ...ref, runId }, { follow: false })
    assert.ok(own.status === 'continuedAsNew')
    assert.equal(first.continuedAs, own.newRunId)
    const [started] = await allEvents(engine, 'chain')
    assert.ok(started?.type === 'WorkflowExecutionStarted')
    assert.equal(started.firstRunId, runId)
    assert.deepEqual(started.input, { n: 0 })
    assert.deepEqual(started.memo, { a: 1 })
    assert.equal(engine.loadedRuns, 0)
  })

  it('loses no signal that was accepted, whichever run it met', async () => {
    const { engine } = bench
    const { runId } = await engine.startExecution({ ...ref, workflow: 'adding', input: {} })
    // Both by the execution and by the first run, which has continued long since.
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        engine.signal(n % 2 === 0 ? ref : { ...ref, runId }, 'add', n, `request-${n}`),
      ),
    )
    const outcome = await engine.result({ ...ref, runId })
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.equal(outcome.result, (29 * 30) / 2)
  })

  it('takes a signal of one request id once, though the chain went on in between', async () => {
    const { engine } = bench
    await engine.startExecution({ ...ref, workflow: 'adding', input: {} })
    for (let times = 0; times < 3; times += 1) {
      await engine.signal(ref, 'add', 5, 'the same')
      await engine.quiet()
    }
    assert.equal(await engine.query(ref, 'total'), 5)
    await engine.cancel(ref)
    assert.equal((await engine.result(ref)).status, 'canceled')
    // Who sends it again learns that it was taken.
    await engine.signal(ref, 'add', 5, 'the same')
  })

  it('takes a signal that races the close: it goes along (keeps I5)', async () => {
    const { engine } = bench
    let raced = 0
    taps.commit = async (turns, commit) => {
      if (raced < 29 && turns.some((turn) => (turn.sends?.successor ?? null) !== null)) {
        raced += 1
        await engine.signal(ref, 'add', raced)
      }
      return commit()
    }
    await engine.startExecution({ ...ref, workflow: 'adding', input: {} })
    await engine.signal(ref, 'add', 100)
    const outcome = await engine.result(ref)
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.equal(outcome.result, 100 + (29 * 30) / 2)
    assert.equal(raced, 29)
  })

  it('finds the open run by any run of the chain, for every message and query', async () => {
    const { engine } = bench
    const { runId } = await engine.startExecution({ ...ref, workflow: 'adding', input: {} })
    await engine.signal(ref, 'add', 5)
    await engine.quiet()
    assert.equal(await engine.query({ ...ref, runId }, 'total'), 5)
    await engine.cancel({ ...ref, runId }, 'enough')
    const outcome = await engine.result({ ...ref, runId })
    assert.equal(outcome.status, 'canceled')
    assert.equal(await codeOf(engine.signal({ ...ref, runId }, 'add', 1)), 'ExecutionClosed')
  })

  it('goes on under another version, and tells by its last run why it cannot', async () => {
    const { engine } = bench
    const moving = (version: string, next: string) =>
      doc(`steps: [ { continueAsNew: { version: "${next}", input: { n: 1 } } } ]`, 'moving', version)
    await deploy(engine, moving('1.0.0', '^2.0'))
    await deploy(
      engine,
      doc('input: { type: object, required: [n] }\nsteps: [ { return: "${ input.n }" } ]', 'moving', '2.3.0'),
    )
    await engine.startExecution({ ...ref, workflow: 'moving', version: '1.0.0' })
    const moved = await engine.result(ref)
    assert.ok(moved.status === 'completed', JSON.stringify(moved))
    assert.equal(moved.result, 1)
    assert.equal((await engine.describe(ref)).version, '2.3.0')

    await deploy(engine, moving('1.1.0', '^7'))
    const lost = { namespace, workflowId: 'lost' }
    await engine.startExecution({ ...lost, workflow: 'moving', version: '1.1.0' })
    const failed = await engine.result(lost)
    assert.ok(failed.status === 'failed', JSON.stringify(failed))
    assert.equal(failed.error.type, 'WorkflowNotFound')
    assert.equal((await engine.describe(lost)).version, '1.1.0')

    await deploy(engine, moving('1.2.0', '2.4.0'))
    await deploy(
      engine,
      doc('input: { type: object, required: [m] }\nsteps: [ { return: 1 } ]', 'moving', '2.4.0'),
    )
    const wrong = { namespace, workflowId: 'wrong' }
    await engine.startExecution({ ...wrong, workflow: 'moving', version: '1.2.0' })
    const refused = await engine.result(wrong)
    assert.ok(refused.status === 'failed')
    assert.equal(refused.error.type, 'InputInvalid')
  })

  it('spans the chain with the timeout of the document', async () => {
    await bench.engine.stop({ graceMs: 0 })
    const clock = new SetClock()
    bench = await startEngine(new FunctionExecutor(echo), { clock })
    const { engine } = bench
    await deploy(
      engine,
      doc('timeout: 30s\nsteps: [ { id: pause, wait: 20s }, { continueAsNew: {} } ]', 'endless'),
    )
    await engine.startExecution({ ...ref, workflow: 'endless' })
    const outcomes: string[] = []
    for (const ms of [20_000, 9_999, 1]) {
      await engine.quiet()
      clock.advance(ms)
      await engine.quiet()
      outcomes.push((await engine.result(ref, { waitMs: 0 })).status)
    }
    assert.deepEqual(outcomes, ['running', 'running', 'timedOut'])
    assert.equal(await engine.count(namespace, "status = 'continuedAsNew'"), 1)
  })

  it('reports to a parent by its last run, which has the same parent', async () => {
    const { engine } = bench
    await deploy(
      engine,
      doc(
        'steps: [ { id: made, workflow: counting, workflowId: chain, input: { n: 4 } }, { return: "${ steps.made }" } ]',
        'parent',
      ),
    )
    await engine.startExecution({ namespace, workflowId: 'p', workflow: 'parent' })
    const outcome = await engine.result({ namespace, workflowId: 'p' })
    const last = await engine.describe(ref)
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.equal(outcome.result, last.runId)
    assert.equal(last.parent?.workflowId, 'p')
  })

  it('starts anew only as idReuse and idConflict say, for the chain as a whole', async () => {
    const { engine } = bench
    await engine.startExecution({ ...ref, workflow: 'counting', input: { n: 2 } })
    await engine.result(ref)
    const again = { ...ref, workflow: 'counting', input: { n: 0 } }
    assert.equal(
      await codeOf(engine.startExecution({ ...again, idReuse: 'reject' })),
      'WorkflowAlreadyRunning',
    )
    assert.equal(
      await codeOf(engine.startExecution({ ...again, idReuse: 'allowFailedOnly' })),
      'WorkflowAlreadyRunning',
    )
    assert.equal((await engine.startExecution(again)).created, true)

    const open = { namespace, workflowId: 'open' }
    await engine.startExecution({ ...open, workflow: 'adding', input: {}, requestId: 'once' })
    await engine.signal(open, 'add', 1)
    await engine.quiet()
    const used = await engine.startExecution({
      ...open,
      workflow: 'adding',
      input: {},
      idConflict: 'useExisting',
    })
    assert.equal(used.runId, (await engine.describe(open)).runId)
    const fresh = await engine.startExecution({
      ...open,
      workflow: 'adding',
      input: {},
      idConflict: 'terminateExisting',
    })
    assert.equal(fresh.created, true)
    assert.equal((await engine.describe({ ...open, runId: used.runId })).status, 'terminated')
    assert.equal((await engine.describe(open)).runId, fresh.runId)
    await engine.terminate(open)
  })

  it('goes on from a commit whose answer was lost', async () => {
    const { engine } = bench
    let lost = 0
    // A node that has lost its database says so until it has it again: who is told sends the same request once more.
    const signalOnceServing = async (requestId: string): Promise<void> => {
      for (;;) {
        try {
          return await engine.signal(ref, 'add', 1, requestId)
        } catch (thrown) {
          if (!(thrown instanceof EngineError) || thrown.code !== 'Unavailable') throw thrown
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
    }
    taps.commit = async (turns, commit) => {
      if (lost > 0 || !turns.some((turn) => (turn.sends?.successor ?? null) !== null)) return commit()
      lost += 1
      await commit()
      throw new StorageUnavailableError('the connection was lost')
    }
    await engine.startExecution({ ...ref, workflow: 'adding', input: {} })
    for (let n = 0; n < 30; n += 1) await signalOnceServing(`add-${n}`)
    const outcome = await engine.result(ref)
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.equal(outcome.result, 30)
    assert.equal(lost, 1)
  })
})
