/** What a start may bring along: a signal, a delay, no input at all. */
import assert from 'node:assert/strict'
import type { StartRequest } from '../../../engine/contract.ts'
import type { EngineUnderTest } from '../../../engine/create.ts'
import { StorageUnavailableError } from '../../../storage/contract.ts'
import { openStorage } from '../../../storage/open.ts'
import {
  allEvents,
  codeOf,
  deploy,
  doc,
  eventTypes,
  FunctionExecutor,
  namespace,
  startEngine,
  until,
} from '../support.ts'
import { type Taps, wrapStorage } from '../wrapped-storage.ts'

const waiting = doc(`
input: { type: object, properties: { size: { type: string, default: small } } }
signals: { go: { schema: { type: object, properties: { by: { default: nobody } } } } }
steps:
  - id: gate
    wait: { signal: go }
  - return: { size: "\${ input.size }", by: "\${ steps.gate.by }" }
`)
const machine = doc(
  'initial: a\nstates:\n  a: { on: { go: b } }\n  b: { on: { end: c } }\n  c: { final: true, return: 1 }',
  'machine',
)
const twice = doc(
  `
vars: { n: 0 }
signals: { go: { do: [ { set: { n: "\${ vars.n + 1 }" } } ] }, end: {} }
steps:
  - id: gate
    wait: { signal: end }
  - return: \${ vars.n }
`,
  'twice',
)
const w = { namespace, workflowId: 'w' }

describe('engine: what a start brings along', () => {
  let engine: EngineUnderTest
  beforeEach(async () => {
    ;({ engine } = await startEngine(new FunctionExecutor({})))
    for (const source of [waiting, machine]) await deploy(engine, source)
  })
  afterEach(() => engine.stop())
  const start = (more: Partial<StartRequest> = {}) =>
    engine.startExecution({ ...w, workflow: 'under-test', ...more })

  it('no input: the defaults of an object are filled in', async () => {
    await start()
    const [first] = await allEvents(engine, 'w')
    assert.ok(first?.type === 'WorkflowExecutionStarted')
    assert.deepEqual(first.input, { size: 'small' })
    assert.equal(await codeOf(start({ workflowId: 'x', input: null })), 'InputInvalid')
  })

  it('no input: so it is for a child', async () => {
    await deploy(
      engine,
      doc(
        'steps: [ { return: "${ input.size }" } ]\ninput: { type: object, properties: { size: { default: 4 } } }',
        'kid',
      ),
    )
    await deploy(engine, doc('steps: [ { id: k, workflow: kid }, { return: "${ steps.k }" } ]', 'parent'))
    await start({ workflow: 'parent' })
    const outcome = await engine.result(w)
    assert.ok(outcome.status === 'completed')
    assert.equal(outcome.result, 4)
  })

  it('a signal: taken in the first turn', async () => {
    await start({ signal: { name: 'go', input: {} } })
    const outcome = await engine.result(w)
    assert.ok(outcome.status === 'completed')
    assert.deepEqual(outcome.result, { size: 'small', by: 'nobody' })
    assert.deepEqual(await eventTypes(engine, 'w'), [
      'WorkflowExecutionStarted',
      'WorkflowSignalReceived',
      'WorkflowExecutionCompleted',
    ])
  })

  it('a signal: written with the start, also where turns are short', async () => {
    const { engine: short, storage } = await startEngine(new FunctionExecutor({}), {
      settings: { turnBytes: 1, turnInputs: 1 },
    })
    try {
      await deploy(short, waiting)
      const request = { ...w, workflow: 'under-test', signal: { name: 'go', input: {} } }
      const { runId } = await short.startExecution(request)
      const [turn] = await storage.visibility.history(runId, 0, 10)
      assert.match(turn?.events ?? '', /WorkflowSignalReceived/)
    } finally {
      await short.stop()
    }
  })

  it('a signal: taken once where the answer of the commit was lost', async () => {
    let losses = 1
    const taps: Taps = {
      async commit(turns, inner) {
        const result = await inner()
        if (!turns.some(({ start }) => start !== null) || losses-- <= 0) return result
        throw new StorageUnavailableError('the connection was lost')
      },
    }
    const storage = wrapStorage(openStorage({ kind: 'memory' }), taps)
    const { engine: losing } = await startEngine(new FunctionExecutor({}), { storage })
    try {
      await deploy(losing, twice)
      const request = { ...w, workflow: 'twice', signal: { name: 'go' }, requestId: 'r' }
      assert.equal(await codeOf(losing.startExecution(request)), 'Unavailable')
      await until(async () => (await codeOf(losing.startExecution(request))) === 'no error')
      await losing.signal(w, 'end', null)
      const outcome = await losing.result(w)
      assert.ok(outcome.status === 'completed')
      assert.equal(outcome.result, 1)
    } finally {
      await losing.stop()
    }
  })

  it('a signal that is refused: nothing is started', async () => {
    assert.equal(await codeOf(start({ signal: { name: 'other' } })), 'SignalNotDeclared')
    assert.equal(await codeOf(start({ signal: { name: 'go', input: 5 } })), 'SignalInvalid')
    assert.equal(await engine.count(namespace), 0)
  })

  it('a signal to the run that is there, under `useExisting` alone, once for one request id', async () => {
    const first = await start()
    const signal = { name: 'go', input: { by: 'ann' } }
    assert.equal(await codeOf(start({ signal })), 'WorkflowAlreadyRunning')
    assert.deepEqual(await eventTypes(engine, 'w'), ['WorkflowExecutionStarted'])
    const again = { signal, idConflict: 'useExisting', requestId: 'r' } as const
    assert.deepEqual(await start(again), { ...first, created: false })
    const outcome = await engine.result(w)
    assert.ok(outcome.status === 'completed')
    assert.deepEqual(outcome.result, { size: 'small', by: 'ann' })
  })

  it('a request that was seen before sends its signal no second time', async () => {
    const request = { signal: { name: 'go', input: {} }, requestId: 'r', startDelay: '1h' } as const
    const first = await start(request)
    assert.deepEqual(await start(request), { ...first, created: false })
    const signals = (await eventTypes(engine, 'w')).filter((type) => type === 'WorkflowSignalReceived')
    assert.equal(signals.length, 1)
  })

  it('a signal that a state machine takes, or that its start is answered with', async () => {
    await start({ workflow: 'machine', signal: { name: 'go' } })
    assert.equal((await engine.describe(w)).state, 'b')
    const refused = start({ workflow: 'machine', workflowId: 'x', signal: { name: 'end' } })
    assert.equal(await codeOf(refused), 'SignalNotExpected')
    assert.equal((await engine.describe({ namespace, workflowId: 'x' })).state, 'a')
  })

  it('a delay', async () => {
    const begunAt = Date.now()
    await start({ startDelay: '50ms', signal: { name: 'go', input: {} } })
    assert.equal((await engine.describe(w)).waitingFor[0]?.kind, 'timer')
    assert.equal((await engine.result(w)).status, 'completed')
    assert.ok(Date.now() - begunAt >= 50)
    assert.equal(await codeOf(start({ startDelay: 'soon' })), 'RequestInvalid')
  })
})
