import assert from 'node:assert/strict'
import type { HistoryEvent } from '../../interpreter/events.ts'
import type { Json } from '../../schema/json.ts'
import { StorageUnavailableError } from '../../storage/contract.ts'
import { createMemoryData } from '../../storage/memory/data.ts'
import { openStorage } from '../../storage/open.ts'
import { openBench } from './engines.ts'
import {
  allEvents,
  type Bench,
  codeOf,
  deploy,
  doc,
  echo,
  eventTypes,
  FunctionExecutor,
  namespace,
  startEngine,
  until,
} from './support.ts'
import { type Taps, wrapStorage } from './wrapped-storage.ts'

const child = doc(
  `
input: { type: object, required: [n], properties: { n: { type: integer }, unit: { type: string, default: kg } } }
steps:
  - id: work
    activity: echo
    input: { value: "\${ { 'n': input.n, 'unit': input.unit } }" }
  - return: \${ steps.work }
`,
  'child',
)
const waiting = doc(
  'signals: { go: {} }\nsteps: [ { id: gate, wait: { signal: go } }, { return: gone } ]',
  'waiting',
)
const failing = doc('steps: [ { fail: { type: Broken, message: by design } } ]', 'failing')

function parentOf(step: string, name = 'parent'): string {
  return doc(
    `signals: { stop: {} }\nsteps:\n  - id: made\n${step.replace(/^/gm, '    ')}\n  - return: \${ steps.made }`,
    name,
  )
}

describe('engine: children', () => {
  let bench: Bench
  let taps: Taps

  beforeEach(async () => {
    taps = {}
    bench = await openBench(taps, [child, waiting, failing])
  })
  afterEach(() => bench.engine.stop({ graceMs: 0 }))

  async function run(source: string, input: Json = {}, workflow = 'parent') {
    await deploy(bench.engine, source)
    await bench.engine.startExecution({ namespace, workflow, workflowId: 'p', input })
  }

  const parent = { namespace, workflowId: 'p' }

  async function outcome(workflowId = 'p') {
    return bench.engine.result({ namespace, workflowId }, { waitMs: 5_000 })
  }

  async function error(workflowId = 'p') {
    const ended = await outcome(workflowId)
    assert.ok('error' in ended, ended.status)
    return ended.error
  }

  it('starts one, waits for it and gives its result, with the defaults of its schema', async () => {
    await run(parentOf('workflow: child\nworkflowId: c\ninput: { n: 3 }'))
    const ended = await outcome()
    assert.ok(ended.status === 'completed', JSON.stringify(ended))
    assert.deepEqual(ended.result, { n: 3, unit: 'kg' })
    assert.deepEqual(await eventTypes(bench.engine, 'p'), [
      'WorkflowExecutionStarted',
      'StartChildWorkflowExecutionInitiated',
      'ChildWorkflowExecutionStarted',
      'ChildWorkflowExecutionCompleted',
      'WorkflowExecutionCompleted',
    ])
    const [first] = await allEvents(bench.engine, 'c')
    assert.ok(first?.type === 'WorkflowExecutionStarted')
    assert.equal(first.parent?.workflowId, 'p')
    const described = await bench.engine.describe({ namespace, workflowId: 'c' })
    assert.deepEqual(described.parent, first.parent)
    assert.equal(described.status, 'completed')
    assert.equal(bench.engine.loadedRuns, 0)
  })

  it('takes the version that its range gives', async () => {
    for (const version of ['1.2.0', '1.9.0', '2.0.0'])
      await deploy(bench.engine, doc(`steps: [ { return: "${version}" } ]`, 'versioned', version))
    await run(parentOf('workflow: versioned\nversion: ^1.2'))
    const ended = await outcome()
    assert.ok(ended.status === 'completed')
    assert.equal(ended.result, '1.9.0')
  })

  it('fails the step where no such definition is deployed, where the input does not fit, where the id is taken', async () => {
    await run(parentOf('workflow: nobody', 'unknown'), {}, 'unknown')
    assert.equal((await error()).type, 'WorkflowNotFound')
    await run(parentOf('workflow: child\nversion: ^7', 'range'), {}, 'range')
    assert.equal((await error()).type, 'WorkflowNotFound')
    await run(parentOf('workflow: child\ninput: { n: many }', 'wrong'), {}, 'wrong')
    const invalid = (await error()).cause
    assert.equal(invalid?.type, 'InputInvalid')
    assert.match(invalid.message, /\/n must be integer/)
    await bench.engine.startExecution({ namespace, workflow: 'waiting', workflowId: 'w' })
    await run(parentOf('workflow: waiting\nworkflowId: w', 'taken'), {}, 'taken')
    assert.equal((await error()).type, 'WorkflowAlreadyRunning')
    assert.deepEqual((await eventTypes(bench.engine, 'p')).slice(1, 3), [
      'StartChildWorkflowExecutionInitiated',
      'StartChildWorkflowExecutionFailed',
    ])
  })

  it('fails the step with the error of the child as cause', async () => {
    await run(parentOf('workflow: failing'))
    const failed = await error()
    assert.equal(failed.type, 'ChildWorkflowFailed')
    assert.equal(failed.cause?.type, 'Broken')
  })

  it('tells the parent when the child is terminated, also one that is parked', async () => {
    await run(parentOf('workflow: waiting\nworkflowId: c'))
    await bench.engine.quiet()
    assert.equal(bench.engine.loadedRuns, 0)
    await bench.engine.terminate({ namespace, workflowId: 'c' }, 'enough')
    const failed = await error()
    assert.equal(failed.type, 'ChildWorkflowFailed')
    assert.equal(failed.cause?.type, 'Terminated')
  })

  it('terminates a parked child with its parent', async () => {
    await run(parentOf('workflow: waiting\nworkflowId: c'))
    await bench.engine.quiet()
    const { runId } = await bench.engine.describe({ namespace, workflowId: 'c' })
    const node = await bench.storage.nodes.join('other')
    assert.notEqual(await bench.storage.runs.claimOne(node, runId), null)
    await bench.storage.runs.park(node, runId, 'a bug')
    await bench.engine.terminate(parent)
    assert.equal((await outcome('c')).status, 'terminated')
  })

  it('terminates a parked child with its parent, though the node dies before it looks after the child', async () => {
    const data = createMemoryData()
    const over = (storage = openStorage({ kind: 'memory', data })) =>
      startEngine(new FunctionExecutor(echo), { storage })
    const store = openStorage({ kind: 'memory', data })
    const first = await over(wrapStorage(store, { claimParked: async () => [] }))
    for (const source of [waiting, parentOf('workflow: waiting\nworkflowId: c')])
      await deploy(first.engine, source)
    await first.engine.startExecution({ namespace, workflow: 'parent', workflowId: 'p', input: {} })
    await first.engine.quiet()
    const { runId } = await first.engine.describe({ namespace, workflowId: 'c' })
    const node = await store.nodes.join('other')
    assert.notEqual(await store.runs.claimOne(node, runId), null)
    await store.runs.park(node, runId, 'a bug')
    await first.engine.terminate(parent)
    assert.equal((await first.engine.result(parent, { waitMs: 5_000 })).status, 'terminated')
    first.engine.abandon()
    const second = await over()
    try {
      const child = { namespace, workflowId: 'c' }
      assert.equal((await second.engine.result(child, { waitMs: 5_000 })).status, 'terminated')
    } finally {
      await second.engine.stop({ graceMs: 0 })
    }
  })

  for (const [policy, expected] of [
    ['terminate', 'terminated'],
    ['cancel', 'canceled'],
    ['abandon', 'running'],
  ] as const) {
    it(`leaves a child by onParentClose: ${policy}`, async () => {
      await run(parentOf(`workflow: waiting\nworkflowId: c\nonParentClose: ${policy}`))
      await bench.engine.quiet()
      const { pendingChildren, waitingFor } = await bench.engine.describe(parent)
      assert.equal(pendingChildren[0]?.workflowId, 'c')
      assert.equal(waitingFor[0]?.kind, 'child')
      await bench.engine.terminate(parent)
      assert.equal((await outcome()).status, 'terminated')
      await bench.engine.quiet()
      const { status } = await bench.engine.describe({ namespace, workflowId: 'c' })
      assert.equal(status, expected)
    })
  }

  it('leaves the children of a parked run by their onParentClose when it is terminated', async () => {
    const both = doc(
      `steps:
  - parallel:
      one: [ { id: one, workflow: waiting, workflowId: c1 } ]
      two: [ { id: two, workflow: waiting, workflowId: c2, onParentClose: abandon } ]
      three: [ { id: three, workflow: child, input: { n: 1 }, workflowId: c3 } ]`,
      'both',
    )
    await run(both, {}, 'both')
    await bench.engine.quiet()
    const { runId } = await bench.engine.describe(parent)
    // As a node does that cannot load it.
    const node = await bench.storage.nodes.join('other')
    assert.notEqual(await bench.storage.runs.claimOne(node, runId), null)
    await bench.storage.runs.park(node, runId, 'its definition is gone')
    await bench.engine.terminate(parent, 'over')
    assert.equal((await outcome()).status, 'terminated')
    await bench.engine.quiet()
    const statuses = await Promise.all(
      ['c1', 'c2', 'c3'].map(
        async (workflowId) => (await bench.engine.describe({ namespace, workflowId })).status,
      ),
    )
    assert.deepEqual(statuses, ['terminated', 'running', 'completed'])
  })

  it('runs a detached one on its own', async () => {
    await run(parentOf('workflow: waiting\nworkflowId: c\ndetached: true'))
    const ended = await outcome()
    assert.ok(ended.status === 'completed')
    const { runId } = await bench.engine.describe({ namespace, workflowId: 'c' })
    assert.deepEqual(ended.result, { workflowId: 'c', runId })
    await bench.engine.signal({ namespace, workflowId: 'c' }, 'go', null)
    assert.equal((await outcome('c')).status, 'completed')
  })

  it('cancels the child where the parent is canceled', async () => {
    await run(parentOf('workflow: waiting\nworkflowId: c\ncancellation: wait'))
    await bench.engine.quiet()
    await bench.engine.cancel(parent, 'no longer')
    assert.equal((await outcome()).status, 'canceled')
    assert.equal((await outcome('c')).status, 'canceled')
  })

  it('holds the parent in no memory while the child works, and starts many at once', async () => {
    await run(
      doc(
        `steps:
  - id: all
    forEach: "[1..60]"
    concurrency: 60
    do: [ { id: one, workflow: child, input: { n: "\${ item }" } } ]
  - return: "\${ $sum(steps.all.n) }"`,
        'many',
      ),
      {},
      'many',
    )
    const ended = await outcome()
    assert.ok(ended.status === 'completed', JSON.stringify(ended))
    assert.equal(ended.result, (60 * 61) / 2)
    await bench.engine.quiet()
    assert.equal(bench.engine.loadedRuns, 0)
  })

  it('is born with the turn that decides it, or not at all (keeps I8)', async () => {
    let born = 0
    taps.commit = async (turns, commit) => {
      const births = turns.filter((turn) => (turn.sends?.births.length ?? 0) > 0)
      if (births.length === 0) return commit()
      for (const turn of births) {
        assert.match(turn.events, /StartChildWorkflowExecutionInitiated/)
        assert.equal(turn.change, null)
      }
      born += 1
      // The first answer is lost after the write, the run is loaded again, and nothing is born twice.
      await commit()
      throw new StorageUnavailableError('the connection was lost')
    }
    await run(parentOf('workflow: child\nworkflowId: c\ninput: { n: 1 }')).catch(() => {})
    await until(async () => (await codeOf(bench.engine.describe(parent))) === 'no error')
    assert.equal((await outcome()).status, 'completed')
    assert.equal(born, 1)
    const all = await bench.engine.list(namespace, { query: "workflow = 'child'" })
    assert.equal(all.items.length, 1)
    const types = (await allEvents(bench.engine, 'p')).map(({ type }: HistoryEvent) => type)
    assert.equal(types.filter((type) => type === 'ChildWorkflowExecutionStarted').length, 1)
  })

  it('shows a child that has not begun: it waits for a node, and takes messages', async () => {
    taps.claim = async () => []
    await run(parentOf('workflow: waiting\nworkflowId: c'))
    const ref = { namespace, workflowId: 'c' }
    await until(async () => (await codeOf(bench.engine.describe(ref))) === 'no error')
    const described = await bench.engine.describe(ref)
    assert.equal(described.status, 'running')
    assert.equal(described.historyLength, 0)
    assert.deepEqual(
      described.waitingFor.map(({ kind }) => kind),
      ['node'],
    )
    assert.deepEqual(await allEvents(bench.engine, 'c'), [])
    assert.equal(await codeOf(bench.engine.query(ref, 'any')), 'QueryFailed')
    assert.equal((await bench.engine.result(ref, { waitMs: 0 })).status, 'running')
    await bench.engine.signal(ref, 'go', null)
    delete taps.claim
    // Whatever looks at the store next finds it.
    await bench.engine.startExecution({ namespace, workflow: 'waiting', workflowId: 'other' })
    await bench.engine.signal({ namespace, workflowId: 'other' }, 'go', null)
    assert.equal((await outcome()).status, 'completed')
  })

  it('closes a child that has not begun, and tells the parent', async () => {
    taps.claim = async () => []
    await run(parentOf('workflow: waiting\nworkflowId: c'))
    const ref = { namespace, workflowId: 'c' }
    await until(async () => (await codeOf(bench.engine.describe(ref))) === 'no error')
    await bench.engine.terminate(ref, 'never mind')
    delete taps.claim
    await bench.engine.signal(parent, 'stop', null)
    const failed = await error()
    assert.equal(failed.cause?.type, 'Terminated')
    assert.deepEqual(await eventTypes(bench.engine, 'c'), [
      'WorkflowExecutionStarted',
      'WorkflowExecutionTerminated',
    ])
  })
})
