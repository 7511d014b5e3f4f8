import assert from 'node:assert/strict'
import { StorageUnavailableError } from '../../../storage/contract.ts'
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
  until,
} from '../support.ts'
import type { Taps } from '../wrapped-storage.ts'

const receiver = doc(
  `
signals: { note: { schema: { type: object, required: [n], properties: { n: { type: integer }, unit: { type: string, default: kg } } } } }
steps:
  - id: got
    wait: { signal: note }
  - return: \${ steps.got }
`,
  'receiver',
)

const machine = doc(
  `
initial: draft
signals: { submit: {}, approve: {}, reject: { schema: { type: object, required: [why] } } }
states:
  draft: { on: { submit: review } }
  review: { on: { approve: { to: done, when: "signal.sure" }, reject: draft } }
  done: { final: true }
`,
  'machine',
)

function sender(signal: string, name = 'sender'): string {
  return doc(`steps:\n  - id: tell\n    signal: ${signal}\n  - return: told`, name)
}

describe('engine: signals between executions', () => {
  let bench: Bench
  let taps: Taps
  const target = { namespace, workflowId: 't' }
  const from = { namespace, workflowId: 's' }

  beforeEach(async () => {
    taps = {}
    bench = await openBench(taps, [receiver, machine])
  })
  afterEach(() => bench.engine.stop({ graceMs: 0 }))

  async function send(signal: string) {
    await deploy(bench.engine, sender(signal))
    await bench.engine.startExecution({ ...from, workflow: 'sender' })
    const outcome = await bench.engine.result(from, { waitMs: 5_000 })
    return 'error' in outcome ? outcome.error.type : outcome.status
  }

  it('signals another, with the defaults of its schema', async () => {
    await bench.engine.startExecution({ ...target, workflow: 'receiver' })
    await bench.engine.quiet()
    assert.equal(bench.engine.loadedRuns, 0)
    assert.equal(await send('{ workflowId: t, name: note, input: { n: 4 } }'), 'completed')
    const outcome = await bench.engine.result(target)
    assert.ok(outcome.status === 'completed')
    assert.deepEqual(outcome.result, { n: 4, unit: 'kg' })
    const types = (await allEvents(bench.engine, 's')).map(({ type }) => type)
    assert.deepEqual(types, [
      'WorkflowExecutionStarted',
      'SignalExternalInitiated',
      'ExternalWorkflowSignaled',
      'WorkflowExecutionCompleted',
    ])
  })

  it('fails the step where none is open, where it is not declared or does not match', async () => {
    const retryNone = (text: string) => text
    assert.equal(
      await send(retryNone('{ workflowId: t, name: note, input: { n: 4 } }')),
      'SignalTargetNotFound',
    )
    await bench.engine.startExecution({ ...target, workflow: 'receiver' })
    for (const [n, [signal, type]] of (
      [
        ['{ workflowId: t, name: other }', 'SignalNotDeclared'],
        ['{ workflowId: t, name: note, input: { n: many } }', 'SignalInvalid'],
      ] as const
    ).entries()) {
      const workflowId = `s${n}`
      await deploy(bench.engine, sender(signal, `sender-${n}`))
      await bench.engine.startExecution({ namespace, workflowId, workflow: `sender-${n}` })
      const outcome = await bench.engine.result({ namespace, workflowId }, { waitMs: 5_000 })
      assert.ok('error' in outcome, outcome.status)
      assert.equal(outcome.error.type, type)
    }
    assert.equal((await allEvents(bench.engine, 't')).length, 1)
  })

  it('tells the sender what a state machine made of it', async () => {
    await bench.engine.startExecution({ ...target, workflow: 'machine' })
    assert.equal(await send('{ workflowId: t, name: submit }'), 'completed')
    assert.equal((await bench.engine.describe(target)).state, 'review')
    await deploy(bench.engine, sender('{ workflowId: t, name: submit }', 'again'))
    await bench.engine.startExecution({ namespace, workflowId: 'again', workflow: 'again' })
    const refused = await bench.engine.result({ namespace, workflowId: 'again' })
    assert.ok(refused.status === 'failed', JSON.stringify(refused))
    assert.equal(refused.error.type, 'SignalNotExpected')
  })

  it('gives up its place in memory while a machine has not answered (keeps I6)', async () => {
    const { engine } = await startEngine(new FunctionExecutor(echo), { settings: { maxLoadedRuns: 1 } })
    try {
      for (const source of [machine, sender('{ workflowId: t, name: submit }')]) await deploy(engine, source)
      await engine.startExecution({ ...target, workflow: 'machine' })
      await engine.startExecution({ ...from, workflow: 'sender' })
      assert.equal((await engine.result(from, { waitMs: 5_000 })).status, 'completed')
    } finally {
      await engine.stop({ graceMs: 0 })
    }
  })

  it('answers callers of a state machine after the turn, once per request id', async () => {
    const { engine } = bench
    await engine.startExecution({ ...target, workflow: 'machine' })
    await engine.signal(target, 'submit', {}, 'first')
    assert.equal((await engine.describe(target)).state, 'review')
    await engine.signal(target, 'submit', {}, 'first')
    assert.equal(await codeOf(engine.signal(target, 'submit', {})), 'SignalNotExpected')
    assert.equal(await codeOf(engine.signal(target, 'reject', {})), 'SignalInvalid')
    assert.equal(await codeOf(engine.signal(target, 'other', {})), 'SignalNotDeclared')
    assert.equal(await codeOf(engine.signal(target, 'approve', { sure: false })), 'SignalNotExpected')
    const before = (await allEvents(engine, 't')).length
    assert.equal(
      await codeOf(engine.signal(target, 'approve', { sure: false }, 'again')),
      'SignalNotExpected',
    )
    assert.equal((await allEvents(engine, 't')).length, before)
    await engine.signal(target, 'approve', { sure: true }, 'last')
    assert.equal((await engine.result(target)).status, 'completed')
    // What was answered stays so, also when the run has closed.
    await engine.signal(target, 'approve', { sure: true }, 'last')
    assert.equal(await codeOf(engine.signal(target, 'approve', { sure: true }, 'late')), 'ExecutionClosed')
  })

  it('refuses the signals of a paused state machine', async () => {
    const { engine } = bench
    await engine.startExecution({ ...target, workflow: 'machine' })
    await engine.pause(target, 'lunch')
    assert.equal(await codeOf(engine.signal(target, 'submit', {}, 'r')), 'ExecutionPaused')
    await engine.resume(target)
    await engine.signal(target, 'submit', {}, 'r')
    assert.equal((await engine.describe(target)).state, 'review')
  })

  it('answers the sender whose target is terminated while it is parked (keeps I6)', async () => {
    const { engine, storage } = bench
    await engine.startExecution({ ...target, workflow: 'machine' })
    await engine.quiet()
    const { runId } = await engine.describe(target)
    const node = await storage.nodes.join('other')
    assert.notEqual(await storage.runs.claimOne(node, runId), null)
    await storage.runs.park(node, runId, 'a bug')
    await deploy(engine, sender('{ workflowId: t, name: submit }'))
    await engine.startExecution({ ...from, workflow: 'sender' })
    await engine.quiet()
    assert.equal((await engine.describe(from)).waitingFor[0]?.kind, 'externalSignal')
    await engine.terminate(target)
    const outcome = await engine.result(from, { waitMs: 5_000 })
    assert.ok(outcome.status === 'failed', JSON.stringify(outcome))
    assert.equal(outcome.error.type, 'SignalTargetNotFound')
  })

  it('is written with the turn that decides it: a target that closes meanwhile is not found', async () => {
    const { engine } = bench
    await engine.startExecution({ ...target, workflow: 'receiver' })
    taps.commit = async (turns, commit) => {
      if (turns.some((turn) => (turn.sends?.messages.length ?? 0) > 0)) {
        delete taps.commit
        await engine.terminate(target)
        await until(async () => (await engine.result(target, { waitMs: 0 })).status === 'terminated')
      }
      return commit()
    }
    assert.equal(await send('{ workflowId: t, name: note, input: { n: 4 } }'), 'SignalTargetNotFound')
  })

  it('loses no signal to a run that is on its way into memory (keeps I6)', async () => {
    const { engine } = bench
    const both = doc(
      `signals: { note: {}, wake: {} }
steps:
  - { id: woken, wait: { signal: wake } }
  - { id: got, wait: { signal: note } }
  - return: \${ steps.got }`,
      'both',
    )
    await deploy(engine, both)
    await deploy(engine, sender('{ workflowId: t, name: note, input: 5 }'))
    await engine.startExecution({ ...target, workflow: 'both' })
    await engine.quiet()
    let raced = 0
    taps.claim = async (claim) => {
      const rows = await claim()
      // Claimed, its inbox is read, and this process does not know of it yet.
      if (rows.some(({ workflowId }) => workflowId === 't') && raced === 0) {
        raced += 1
        await engine.startExecution({ ...from, workflow: 'sender' })
        await until(async () => (await engine.result(from, { waitMs: 0 })).status === 'completed')
      }
      return rows
    }
    await engine.signal(target, 'wake', null)
    const outcome = await engine.result(target, { waitMs: 5_000 })
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.equal(outcome.result, 5)
    assert.equal(raced, 1)
  })

  it('makes the turn again where the store cannot be asked for the target', async () => {
    const { engine, executor } = bench
    await engine.startExecution({ ...target, workflow: 'receiver' })
    await engine.quiet()
    await deploy(
      engine,
      doc(
        `steps:
  - { id: first, activity: echo, input: { value: 1 } }
  - signal: { workflowId: t, name: note, input: { n: 8 } }
  - return: \${ steps.first }`,
        'late',
      ),
    )
    let failed = 0
    taps.find = async (workflowId, find) => {
      if (workflowId !== 't' || failed > 0) return find()
      failed += 1
      throw new StorageUnavailableError('the connection was lost')
    }
    await engine.startExecution({ ...from, workflow: 'late' })
    assert.equal((await engine.result(from, { waitMs: 5_000 })).status, 'completed')
    assert.equal(failed, 1)
    assert.equal(executor.calls.length, 1)
    assert.equal((await engine.result(target)).status, 'completed')
    assert.equal(
      (await allEvents(engine, 't')).filter(({ type }) => type === 'WorkflowSignalReceived').length,
      1,
    )
  })

  it('answers a start whose first turn could not be made, and leaves nothing of it', async () => {
    const { engine } = bench
    taps.find = async (workflowId, find) => {
      if (workflowId !== 't') return find()
      throw new StorageUnavailableError('the connection was lost')
    }
    await deploy(engine, sender('{ workflowId: t, name: note, input: { n: 8 } }'))
    assert.equal(await codeOf(engine.startExecution({ ...from, workflow: 'sender' })), 'Unavailable')
    await engine.quiet()
    assert.equal(engine.loadedRuns, 0)
    assert.equal(await codeOf(engine.describe(from)), 'ExecutionNotFound')
  })

  it('may signal itself', async () => {
    await deploy(
      bench.engine,
      doc(
        `signals: { note: {} }
steps:
  - signal: { workflowId: "\${ workflow.id }", name: note, input: 7 }
  - id: got
    wait: { signal: note }
  - return: \${ steps.got }`,
        'self',
      ),
    )
    await bench.engine.startExecution({ ...from, workflow: 'self' })
    const outcome = await bench.engine.result(from, { waitMs: 5_000 })
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.equal(outcome.result, 7)
  })
})
