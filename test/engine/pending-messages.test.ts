/** The limit pendingMessages: a run that is not heard refuses what is one too many, and loses nothing that it took. */
import assert from 'node:assert/strict'
import { EngineError } from '../../engine/engine-error.ts'
import { createMemoryData } from '../../storage/memory/data.ts'
import { openStorage } from '../../storage/open.ts'
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
  until,
} from './support.ts'

const source = doc(
  `
vars: { taken: [] }
signals:
  note: {}
  go: {}
  work: { concurrency: 1, do: [{ id: working, activity: slow, startToCloseTimeout: 1h }] }
updates:
  ask: { do: [{ id: asked, activity: slow, startToCloseTimeout: 1h }] }
queries: { taken: "\${ vars.taken }" }
steps:
  - { id: first, wait: { signal: go } }
  - id: all
    while: $count(vars.taken) < 3
    do:
      - { id: next, wait: { signal: note } }
      - set: { taken: "\${ $append(vars.taken, [steps.next]) }" }
  - { id: second, wait: { signal: go } }
  - continueAsNew: {}
`,
  'slow-reader',
)

const machine = doc(
  `
initial: building
states:
  building:
    do: [{ id: build, activity: slow, cancellation: wait, startToCloseTimeout: 1h }]
    on: { stop: resting }
  resting: { on: { again: resting } }
`,
  'machine',
)

describe('engine: messages that a run has not dealt with', () => {
  const ref = { namespace, workflowId: 'r' }
  const data = createMemoryData()
  let bench: Bench

  async function open() {
    bench = await startEngine(new FunctionExecutor({ ...echo, slow: () => undefined }), {
      storage: openStorage({ kind: 'memory', data }),
      limits: { pendingMessages: 3 },
    })
    for (const one of [source, machine]) await deploy(bench.engine, one)
  }
  async function begin(workflowId: string, workflow = 'slow-reader') {
    await bench.engine.startExecution({ namespace, workflowId, workflow })
    await bench.engine.quiet()
  }
  async function crash() {
    bench.engine.abandon()
    await open()
  }
  const signal = (name: string, input: number | null = null, workflowId = 'r') =>
    codeOf(bench.engine.signal({ namespace, workflowId }, name, input))

  beforeEach(open)
  afterEach(async () => {
    await bench.engine.terminate(ref).catch(() => undefined)
    await bench.engine.stop({ graceMs: 0 })
  })

  it('signals that nobody takes: refused by name, and taken in order when there is room', async () => {
    await begin('r')
    for (const n of [1, 2, 3]) assert.equal(await signal('note', n), 'no error')
    const refusal = await bench.engine.signal(ref, 'note', 4).catch((thrown: unknown) => thrown)
    assert.ok(refusal instanceof EngineError)
    assert.equal(refusal.code, 'LimitExceeded')
    assert.match(refusal.message, /pendingMessages/)
    assert.deepEqual(refusal.details, { limit: 'pendingMessages', maximum: 3, workflowId: 'r' })
    await bench.engine.quiet()
    assert.equal(await signal('note', 4), 'LimitExceeded')
    await crash()
    assert.equal(await signal('go'), 'LimitExceeded')
    const received = (await allEvents(bench.engine, 'r')).filter(
      (event) => event.type === 'WorkflowSignalReceived',
    )
    assert.equal(received.length, 3)
    await bench.engine.terminate(ref)
    assert.equal((await bench.engine.result(ref)).status, 'terminated')
  })

  it('makes room again when the run has taken some', async () => {
    await begin('r')
    assert.equal(await signal('note', 1), 'no error')
    assert.equal(await signal('note', 2), 'no error')
    assert.equal(await signal('go'), 'no error')
    await bench.engine.quiet()
    assert.deepEqual(await bench.engine.query(ref, 'taken'), [1, 2])
    for (const n of [3, 4, 5, 6]) await signal('note', n)
    await bench.engine.quiet()
    assert.equal(await signal('note', 7), 'LimitExceeded')
    assert.deepEqual(await bench.engine.query(ref, 'taken'), [1, 2, 3])
  })

  it('handlers under way, queued ones and updates count', async () => {
    await begin('r')
    assert.equal(await signal('work'), 'no error')
    assert.equal(await signal('work'), 'no error')
    const asking = bench.engine.update(ref, 'ask', { updateId: 'u', waitMs: 0 })
    await bench.engine.quiet()
    assert.equal((await asking).status, 'pending')
    assert.equal(await signal('work'), 'LimitExceeded')
    assert.equal(await codeOf(bench.engine.update(ref, 'ask', {})), 'LimitExceeded')
    // The same one again is no other.
    assert.equal((await bench.engine.update(ref, 'ask', { updateId: 'u', waitMs: 0 })).status, 'pending')
    const [end] = bench.executor.open.values()
    end?.({ kind: 'completed', startedAt: 0, result: null })
    await bench.engine.quiet()
    assert.equal(await signal('work'), 'no error')
    await bench.engine.cancel(ref)
    assert.equal((await bench.engine.result(ref, { waitMs: 5_000 })).status, 'canceled')
  })

  it('what a pause holds counts, and is dealt with on resume', async () => {
    await begin('r')
    await bench.engine.pause(ref)
    for (const n of [1, 2, 3]) assert.equal(await signal('note', n), 'no error')
    await bench.engine.quiet()
    assert.equal(await signal('go'), 'LimitExceeded')
    await bench.engine.resume(ref)
    await bench.engine.quiet()
    assert.equal(await signal('go'), 'LimitExceeded')
  })

  it('what goes along to the next run counts there', async () => {
    await begin('r')
    for (const [name, n] of [
      ['go'],
      ['note', 1],
      ['note', 2],
      ['note', 3],
      ['note', 4],
      ['note', 5],
      ['go'],
    ] as const) {
      assert.equal(await signal(name, n ?? null), 'no error')
      await bench.engine.quiet()
    }
    await bench.engine.quiet()
    assert.deepEqual(await bench.engine.query(ref, 'taken'), [])
    assert.equal(await signal('note', 6), 'no error')
    assert.equal(await signal('note', 7), 'LimitExceeded')
  })

  it('a machine that is leaving a state refuses beyond it too', async () => {
    await begin('m', 'machine')
    const executor = bench.executor
    executor.cancel = () => true
    assert.equal(await signal('stop', null, 'm'), 'no error')
    const waiting = [1, 2, 3].map(() => signal('again', null, 'm'))
    const received = async () =>
      (await allEvents(bench.engine, 'm')).filter(({ type }) => type === 'WorkflowSignalReceived').length
    await until(async () => (await received()) === 4)
    assert.equal(await signal('again', null, 'm'), 'LimitExceeded')
    const [end] = executor.open.values()
    end?.({ kind: 'canceled', startedAt: 0 })
    assert.deepEqual(await Promise.all(waiting), Array(3).fill('no error'))
    await bench.engine.terminate({ namespace, workflowId: 'm' })
  })

  it('a workflow that signals it is told so at its step', async () => {
    await begin('r')
    for (const n of [1, 2, 3]) await signal('note', n)
    const teller = `
steps:
  - try:
      - { id: tell, signal: { workflowId: r, name: note, input: 4 } }
    catch:
      - { errors: [LimitExceeded], do: [{ return: "\${ error.details.limit }" }] }
`
    await deploy(bench.engine, doc(teller, 'teller'))
    await begin('t', 'teller')
    const outcome = await bench.engine.result({ namespace, workflowId: 't' }, { waitMs: 5_000 })
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.equal(outcome.result, 'pendingMessages')
  })
})
