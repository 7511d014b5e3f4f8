/** Children, chains and updates over two nodes of one store, and over the death of one of them. */
import assert from 'node:assert/strict'
import { createMemoryData } from '../../storage/memory/data.ts'
import { openStorage } from '../../storage/open.ts'
import {
  allEvents,
  type Bench,
  deploy,
  doc,
  echo,
  FunctionExecutor,
  namespace,
  startEngine,
  until,
} from './support.ts'

const lease = { soleNode: false, heartbeatIntervalMs: 20, leaseTtlMs: 300, pollIntervalMs: 10 }

const leaf = doc(
  `
input: { type: object, required: [n], properties: { n: { type: integer } } }
steps:
  - { id: work, activity: echo, input: { value: "\${ input.n }" } }
  - if: input.n > 1000
    continueAsNew: { input: { n: "\${ input.n - 1000 }" } }
  - return: \${ steps.work }
`,
  'leaf',
)

const tree = doc(
  `
vars: { seen: 0 }
updates: { poke: { do: [ { set: { seen: "\${ vars.seen + 1 }" } } ], return: "\${ vars.seen }" } }
steps:
  - id: all
    forEach: "[1..10]"
    concurrency: 10
    do: [ { id: one, workflow: leaf, input: { n: "\${ item + 2000 }" } } ]
  - return: "\${ $sum(steps.all) }"
`,
  'tree',
)

describe('engine: what turns send, over two nodes', function () {
  this.timeout(30_000)
  const benches: Bench[] = []
  afterEach(async () => {
    for (const { engine } of benches.splice(0)) await engine.stop({ graceMs: 0 })
  })

  async function node(
    data: ReturnType<typeof createMemoryData>,
    executor = new FunctionExecutor(echo),
    settings: object = {},
  ): Promise<Bench> {
    const opened = await startEngine(executor, {
      storage: openStorage({ kind: 'memory', data }),
      settings: { ...lease, ...settings },
    })
    benches.push(opened)
    for (const source of [leaf, tree]) await deploy(opened.engine, source)
    return opened
  }

  async function assertTree({ engine }: Bench, workflowId: string): Promise<void> {
    const outcome = await engine.result({ namespace, workflowId })
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.equal(outcome.result, (10 * 11) / 2)
    const events = await allEvents(engine, workflowId)
    for (const type of ['ChildWorkflowExecutionStarted', 'ChildWorkflowExecutionCompleted']) {
      const ids = events.flatMap((event) =>
        event.type === type && 'childId' in event ? [event.childId] : [],
      )
      assert.equal(ids.length, 10, `${type} of ${workflowId}`)
      assert.equal(new Set(ids).size, 10)
    }
  }

  it('runs trees of children and chains on both', async () => {
    const data = createMemoryData()
    // Neither has room for all children at once, and none of these ends before both nodes have some.
    const executors: FunctionExecutor[] = []
    const both = () => until(() => executors.every(({ calls }) => calls.length > 0))
    const held = () => {
      const executor = new FunctionExecutor({
        echo: async (task) => {
          await both()
          return (task.input as { value: number }).value
        },
      })
      executors.push(executor)
      return node(data, executor, { maxLoadedRuns: 20, leaseTtlMs: 600_000 })
    }
    const [first, second] = [await held(), await held()]
    const ids = Array.from({ length: 8 }, (_, n) => `tree-${n}`)
    for (const [n, workflowId] of ids.entries()) {
      const { engine } = n % 2 === 0 ? first : second
      await engine.startExecution({ namespace, workflowId, workflow: 'tree' })
    }
    for (const workflowId of ids) await assertTree(second, workflowId)
    // A chain shows as its last run: one line for each child.
    assert.equal(await first.engine.count(namespace, "workflow = 'leaf'"), 80)
    assert.equal(await first.engine.count(namespace, "workflow = 'leaf' and status = 'continuedAsNew'"), 160)
  })

  it('goes on where a node dies, and bears and reports every child once', async () => {
    const data = createMemoryData()
    const [first, second] = [await node(data), await node(data)]
    const ids = Array.from({ length: 6 }, (_, n) => `dies-${n}`)
    await Promise.all(
      ids.map((workflowId) => first.engine.startExecution({ namespace, workflowId, workflow: 'tree' })),
    )
    const update = second.engine.update({ namespace, workflowId: 'dies-0' }, 'poke', { updateId: 'once' })
    await until(() => first.executor.calls.length + second.executor.calls.length > 20)
    first.engine.abandon()
    for (const workflowId of ids) await assertTree(second, workflowId)
    const answer = await update.catch((thrown: { code: string }) => thrown.code)
    if (typeof answer !== 'string')
      assert.deepEqual(answer, { updateId: 'once', status: 'completed', result: 1 })
    else assert.equal(answer, 'ExecutionClosed')
    assert.equal(await second.engine.count(namespace, "workflow = 'leaf'"), 60)
  })
})
