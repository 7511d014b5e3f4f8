import assert from 'node:assert/strict'
import { StorageUnavailableError } from '../../../storage/contract.ts'
import { createMemoryData } from '../../../storage/memory/data.ts'
import { openStorage } from '../../../storage/open.ts'
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

const cart = doc(
  `
vars: { items: [], open: true }
signals: { close: {} }
queries:
  items: \${ vars.items }
  one:
    schema: { type: object, required: [at], properties: { at: { type: integer, minimum: 0 } } }
    return: \${ vars.items[$query.at] ?? null }
updates:
  add:
    schema: { type: object, required: [sku], properties: { sku: { type: string }, qty: { type: integer, default: 1 } } }
    validate: vars.open
    do:
      - set: { items: "\${ $append(vars.items, [update.sku]) }" }
      - { id: stored, activity: echo, input: { value: "\${ update.qty }" } }
    return: { count: "\${ $count(vars.items) }", stored: "\${ steps.stored }" }
  breaks:
    do: [ { fail: { type: Broken, message: by design } } ]
  hangs:
    do: [ { id: hangs, activity: hang } ]
  lock:
    do: [ { set: { open: false } } ]
steps:
  - id: over
    wait: { signal: close }
  - return: \${ vars.items }
`,
  'cart',
)

describe('engine: updates and queries', () => {
  let bench: Bench
  let taps: Taps
  const ref = { namespace, workflowId: 'u' }

  beforeEach(async () => {
    taps = {}
    bench = await openBench(taps, [cart])
    await bench.engine.startExecution({ ...ref, workflow: 'cart' })
  })
  afterEach(() => bench.engine.stop({ graceMs: 0 }))

  it('gives the result to the sender, with the defaults of the schema', async () => {
    await bench.engine.quiet()
    assert.equal(bench.engine.loadedRuns, 0)
    const answer = await bench.engine.update(ref, 'add', { input: { sku: 'a' }, updateId: 'one' })
    assert.deepEqual(answer, { updateId: 'one', status: 'completed', result: { count: 1, stored: 1 } })
    const types = (await allEvents(bench.engine, 'u')).map(({ type }) => type)
    assert.ok(types.includes('WorkflowUpdateAccepted') && types.includes('WorkflowUpdateCompleted'))
  })

  it('runs once for an update id, and answers it again, also when the run has closed', async () => {
    const { engine } = bench
    const send = () => engine.update(ref, 'add', { input: { sku: 'a' }, updateId: 'one' })
    const answers = await Promise.all([send(), send(), send()])
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.deepEqual(await send(), answers[0])
    assert.deepEqual(await engine.query(ref, 'items'), ['a'])
    await engine.signal(ref, 'close', null)
    assert.equal((await engine.result(ref)).status, 'completed')
    assert.deepEqual(await send(), answers[0])
    assert.equal(
      await codeOf(engine.update(ref, 'add', { input: { sku: 'b' }, updateId: 'two' })),
      'ExecutionClosed',
    )
    assert.equal(await codeOf(engine.update(ref, 'add', { input: { sku: 'b' } })), 'ExecutionClosed')
  })

  it('answers an update id that it knows whatever is sent with it, also where the chain goes on without it', async () => {
    const { engine } = bench
    const later = `vars: { n: 0 }\nsignals: { go: {} }\n`
    const end = 'steps:\n  - { id: go, wait: { signal: go } }\n'
    const add =
      'updates: { add: { schema: { type: integer }, do: [ { set: { n: "${ vars.n + update }" } } ], return: "${ vars.n }" } }\n'
    await deploy(engine, doc(`${later}${add}${end}  - continueAsNew: { version: 2.0.0 }`, 'moves', '1.0.0'))
    await deploy(engine, doc(`${later}queries: { n: "\${ vars.n }" }\n${end}`, 'moves', '2.0.0'))
    const moves = { namespace, workflowId: 'moves' }
    await engine.startExecution({ ...moves, workflow: 'moves', version: '1.0.0' })
    const first = { updateId: 'u', status: 'completed', result: 3 }
    assert.deepEqual(await engine.update(moves, 'add', { updateId: 'u', input: 3 }), first)
    assert.deepEqual(await engine.update(moves, 'add', { updateId: 'u', input: 'no number' }), first)
    assert.equal(
      await codeOf(engine.update(moves, 'add', { updateId: 'v', input: 'no number' })),
      'UpdateInvalid',
    )
    await engine.signal(moves, 'go', null)
    await until(async () => (await engine.describe(moves)).version === '2.0.0')
    assert.deepEqual(await engine.update(moves, 'add', { updateId: 'u', input: 3 }), first)
    assert.equal(await codeOf(engine.update(moves, 'add', { updateId: 'v', input: 3 })), 'UpdateNotDeclared')
  })

  it('refuses without trace, and takes the same id later', async () => {
    const { engine } = bench
    await engine.update(ref, 'lock', {})
    await engine.quiet()
    const before = await allEvents(engine, 'u')
    const send = (name: string, input: object) =>
      codeOf(engine.update(ref, name, { input: input as never, updateId: 'x' }))
    assert.equal(await send('other', {}), 'UpdateNotDeclared')
    assert.equal(await send('add', { sku: 1 }), 'UpdateInvalid')
    assert.equal(await send('add', { sku: 'a' }), 'UpdateRejected')
    assert.equal(await send('add', { sku: 'a' }), 'UpdateRejected')
    assert.deepEqual(await allEvents(engine, 'u'), before)
    const accepted = await engine.update(ref, 'lock', { updateId: 'x' })
    assert.equal(accepted.status, 'completed')
  })

  it('gives the error of the handler to the sender alone', async () => {
    const answer = await bench.engine.update(ref, 'breaks', { updateId: 'b' })
    assert.ok(answer.status === 'failed')
    assert.equal(answer.error.type, 'Broken')
    assert.equal((await bench.engine.describe(ref)).status, 'running')
  })

  it('waits as long as it is asked to, and loses no answer', async () => {
    const { engine, executor } = bench
    const answer = await engine.update(ref, 'hangs', { updateId: 'h', waitMs: 20 })
    assert.deepEqual(answer, { updateId: 'h', status: 'pending' })
    const stop = new AbortController()
    const waiting = engine.update(ref, 'hangs', { updateId: 'h', signal: stop.signal })
    stop.abort()
    assert.equal((await waiting).status, 'pending')
    const [end] = executor.open.values()
    end?.({ kind: 'completed', startedAt: 0, result: null })
    assert.equal((await engine.update(ref, 'hangs', { updateId: 'h' })).status, 'completed')
  })

  it('tells the sender when the run is terminated before the handler has ended', async () => {
    const { engine } = bench
    const sent = engine.update(ref, 'hangs', { updateId: 'h' })
    await until(() => bench.executor.open.size === 1)
    await engine.terminate(ref)
    const answer = await sent
    assert.ok(answer.status === 'failed')
    assert.equal(answer.error.type, 'Terminated')
  })

  it('tells the sender when the run ends without having seen it', async () => {
    const { engine, storage } = bench
    await engine.quiet()
    const { runId } = await engine.describe(ref)
    const node = await storage.nodes.join('other')
    assert.notEqual(await storage.runs.claimOne(node, runId), null)
    await storage.runs.park(node, runId, 'a bug')
    const lost = codeOf(engine.update(ref, 'add', { input: { sku: 'a' }, updateId: 'lost' }))
    await until(async () => ((await storage.runs.load(runId))?.inbox.length ?? 0) === 1)
    await engine.terminate(ref)
    assert.equal(await lost, 'ExecutionClosed')
    assert.equal(
      await codeOf(engine.update(ref, 'add', { input: { sku: 'a' }, updateId: 'lost' })),
      'ExecutionClosed',
    )
  })

  it('is answered though it races the close', async () => {
    const { engine } = bench
    const { runId } = await engine.describe(ref)
    let raced: Promise<string> | null = null
    taps.commit = async (turns, commit) => {
      if (raced === null && turns.some((turn) => turn.change?.kind === 'close')) {
        raced = codeOf(engine.update(ref, 'add', { input: { sku: 'late' }, updateId: 'late' }))
        await until(async () => (await bench.storage.runs.load(runId))?.lastMessage === 2)
      }
      return commit()
    }
    await engine.signal(ref, 'close', null)
    assert.equal((await engine.result(ref)).status, 'completed')
    assert.equal(await raced, 'ExecutionClosed')
  })

  it('is answered by a run of another node', async () => {
    const data = createMemoryData()
    const settings = { soleNode: false, pollIntervalMs: 10 }
    const open = () => openStorage({ kind: 'memory', data })
    const owner = await startEngine(new FunctionExecutor(echo), { storage: open(), settings })
    const other = await startEngine(new FunctionExecutor(echo), {
      storage: open(),
      settings: { ...settings, maxLoadedRuns: 0 },
    })
    try {
      await deploy(owner.engine, cart)
      await owner.engine.startExecution({ ...ref, workflow: 'cart' })
      const answer = await other.engine.update(ref, 'add', { input: { sku: 'a' } })
      assert.equal(answer.status, 'completed')
      assert.equal(other.executor.calls.length, 0)
    } finally {
      await other.engine.stop({ graceMs: 0 })
      await owner.engine.stop({ graceMs: 0 })
    }
  })

  it('is done once though the answer of its commit was lost', async () => {
    const { engine } = bench
    for (const written of [true, false]) {
      let lost = 0
      taps.commit = async (turns, commit) => {
        if (lost > 0 || !turns.some((turn) => (turn.sends?.answers.length ?? 0) > 0)) return commit()
        lost += 1
        if (written) await commit()
        throw new StorageUnavailableError('the connection was lost')
      }
      const answer = await engine.update(ref, 'add', { input: { sku: `${written}` }, updateId: `${written}` })
      assert.equal(answer.status, 'completed')
      assert.equal(lost, 1)
      await until(async () => (await codeOf(engine.ready())) === 'no error')
    }
    assert.deepEqual(await engine.query(ref, 'items'), ['true', 'false'])
  })

  it('answers queries with a payload, and refuses wrong ones', async () => {
    const { engine } = bench
    for (const sku of ['a', 'b']) await engine.update(ref, 'add', { input: { sku } })
    assert.equal(await engine.query(ref, 'one', { at: 1 }), 'b')
    assert.equal(await codeOf(engine.query(ref, 'one', { at: -1 })), 'QueryInvalid')
    assert.equal(await codeOf(engine.query(ref, 'one')), 'QueryInvalid')
    assert.equal(await codeOf(engine.query(ref, 'items', { at: 1 })), 'QueryInvalid')
    assert.equal(await codeOf(engine.query(ref, 'nothing')), 'QueryNotDeclared')
    await engine.signal(ref, 'close', null)
    await engine.result(ref)
    assert.equal(await engine.query(ref, 'one', { at: 0 }), 'a')
  })
})
