/**
 * What turns send, over every driver: children, chains, updates, signals between runs, pauses and events, and the races
 * that the commit decides. The races are forced at the commit, not hoped for. Called by `driver-suite.ts`.
 */
import assert from 'node:assert/strict'
import type { EngineUnderTest } from '../../engine/create.ts'
import { StorageUnavailableError, type Turn } from '../../storage/contract.ts'
import { openSink } from './outbox/event-sink-server.ts'
import { type Bench, codeOf, deploy, doc, type FunctionExecutor, namespace, until } from './support.ts'
import type { Taps } from './wrapped-storage.ts'

const child = doc(
  `
signals: { go: {} }
input: { type: object, properties: { waits: { type: boolean, default: false }, n: { type: integer, default: 1 } } }
steps:
  - if: input.waits
    do: [ { id: gate, wait: { signal: go } } ]
  - id: work
    activity: echo
    input: { value: "\${ input.n }" }
  - return: \${ steps.work }
`,
  'sends-child',
)

const parent = doc(
  `
input: { type: object, properties: { waits: { type: boolean, default: false } } }
signals: { leave: { do: [ { fail: { type: Left, message: left } } ] } }
steps:
  - id: made
    workflow: sends-child
    workflowId: "\${ workflow.id & '-child' }"
    input: { waits: "\${ input.waits }" }
    onParentClose: cancel
  - return: \${ steps.made }
`,
  'sends-parent',
)

const many = doc(
  `
steps:
  - id: all
    forEach: "[1..40]"
    concurrency: 20
    do: [ { id: one, workflow: sends-child, input: { n: "\${ item }" } } ]
  - return: "\${ $sum(steps.all) }"
`,
  'sends-many',
)

const chain = doc(
  `
input: { type: object, properties: { total: { type: integer, default: 0 }, rounds: { type: integer, default: 0 } } }
signals: { add: { schema: { type: integer } } }
steps:
  - if: input.rounds = 12
    return: \${ input.total }
  - id: next
    wait: { signal: add }
  - continueAsNew: { input: { total: "\${ input.total + steps.next }", rounds: "\${ input.rounds + 1 }" } }
`,
  'sends-chain',
)

const updated = doc(
  `
vars: { n: 0 }
signals: { close: {} }
queries: { n: "\${ vars.n }" }
updates:
  add: { do: [ { set: { n: "\${ vars.n + update.by }" } } ], return: "\${ vars.n }" }
  refuse: { validate: "false" }
steps: [ { id: over, wait: { signal: close } }, { return: "\${ vars.n }" } ]
`,
  'sends-updated',
)

const machine = doc(
  `
initial: open
states:
  open: { on: { shut: closed, keep: open } }
  closed: { on: { end: over } }
  over: { final: true }
`,
  'sends-machine',
)

const sender = doc(
  `
input: { type: object, required: [to, name] , properties: { to: { type: string }, name: { type: string } } }
steps:
  - switch:
      - when: input.name = 'shut'
        do: [ { signal: { workflowId: "\${ input.to }", name: shut, input: {} } } ]
      - when: input.name = 'end'
        do: [ { signal: { workflowId: "\${ input.to }", name: end, input: {} } } ]
  - return: told
`,
  'sends-sender',
)

const held = doc(
  `
steps:
  - { id: first, activity: hang }
  - { id: second, activity: echo, input: { value: "\${ steps.first }" } }
  - return: \${ steps.second }
`,
  'sends-held',
)

const emitting = doc(
  'steps: [ { emit: { type: a.b, data: { n: 1 } } }, { emit: { type: a.c } } ]',
  'sends-emitting',
)

export type OpenEngine = (taps?: Taps, options?: object, executor?: FunctionExecutor) => Promise<Bench>

export function describeSends(
  open: OpenEngine,
  nextRef: () => { namespace: string; workflowId: string },
): void {
  describe('what turns send', () => {
    let ref: { namespace: string; workflowId: string }
    let taps: Taps
    let engine: EngineUnderTest
    let executor: FunctionExecutor

    beforeEach(async () => {
      ref = nextRef()
      taps = {}
      ;({ engine, executor } = await open(taps))
      for (const source of [child, parent, many, chain, updated, machine, sender, held, emitting])
        await deploy(engine, source)
    })

    const of = (suffix: string) => ({ namespace, workflowId: `${ref.workflowId}-${suffix}` })
    const childRef = () => of('child')

    async function completed(one: { namespace: string; workflowId: string; runId?: string }) {
      const outcome = await engine.result(one)
      assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
      return outcome.result
    }

    /** Does something once, right before the first commit of a turn that \`when\` picks. */
    function beforeCommitOf(when: (turn: Turn) => boolean, act: () => Promise<unknown>): () => number {
      let times = 0
      taps.commit = async (turns, commit) => {
        if (times === 0 && turns.some(when)) {
          times += 1
          await act()
        }
        return commit()
      }
      return () => times
    }

    it('runs children, and tells the parent', async () => {
      await engine.startExecution({ ...ref, workflow: 'sends-many' })
      assert.equal(await completed(ref), (40 * 41) / 2)
      await engine.quiet()
      assert.equal(engine.loadedRuns, 0)
    })

    it('bears a child once though the answer of the commit was lost, written or not', async () => {
      for (const written of [true, false]) {
        const one = of(`${written}`)
        let lost = 0
        taps.commit = async (turns, commit) => {
          const bears = turns.some(({ sends, start }) => start === null && (sends?.births.length ?? 0) > 0)
          if (lost > 0 || !bears) return commit()
          lost += 1
          if (written) await commit()
          throw new StorageUnavailableError('the connection was lost')
        }
        const source = doc(
          `steps:\n  - { id: first, activity: echo, input: { value: 1 } }\n  - { id: made, workflow: sends-child, input: { n: 9 } }\n  - return: \${ steps.made }`,
          'sends-late-child',
        )
        await deploy(engine, source)
        await engine.startExecution({ ...one, workflow: 'sends-late-child' })
        assert.equal(await completed(one), 9)
        assert.equal(lost, 1)
        const children = await engine.list(namespace, { query: "workflow = 'sends-child'", limit: 1000 })
        const own = children.items.filter(({ workflowId }) => workflowId.startsWith(one.workflowId))
        assert.equal(own.length, 1)
      }
    })

    it('runs a child on another node where that of its parent is full', async () => {
      const lease = { soleNode: false, pollIntervalMs: 20 }
      const full = await open({}, { settings: { ...lease, maxLoadedRuns: 1 } })
      // The branch that hangs keeps the parent in the memory of the full node until its child has ended elsewhere.
      const source = doc(
        `
steps:
  - id: both
    parallel:
      keeps: [ { id: kept, activity: hang } ]
      bears: [ { id: made, workflow: sends-child, workflowId: "\${ workflow.id & '-child' }", input: { n: 5 } } ]
  - return: \${ steps.made }
`,
        'sends-apart',
      )
      await deploy(full.engine, source)
      await full.engine.startExecution({ ...ref, workflow: 'sends-apart' })
      assert.equal(await completed(childRef()), 5)
      const ran = (bench: { executor: FunctionExecutor }) =>
        bench.executor.calls.map(({ workflowId, step }) => `${workflowId} ${step}`)
      assert.deepEqual(ran(full), [`${ref.workflowId} kept`])
      assert.deepEqual(ran({ executor }), [`${childRef().workflowId} work`])
      for (const end of full.executor.open.values()) end({ kind: 'completed', startedAt: 0, result: null })
      assert.equal(await completed(ref), 5)
    })

    it('takes the end of a child that races the close of its parent', async () => {
      await engine.startExecution({ ...ref, workflow: 'sends-parent', input: { waits: true } })
      await engine.quiet()
      const times = beforeCommitOf(
        (turn) => turn.change?.kind === 'close' && turn.events.includes('"Left"'),
        async () => {
          await engine.signal(childRef(), 'go', null)
          await until(async () => (await engine.result(childRef(), { waitMs: 0 })).status !== 'running')
        },
      )
      await engine.signal(ref, 'leave', null)
      assert.equal((await engine.result(ref)).status, 'failed')
      assert.equal(times(), 1)
      assert.equal((await engine.result(childRef())).status, 'completed')
    })

    it('leaves a child as its parent says, in the commit that closes the parent', async () => {
      await engine.startExecution({ ...ref, workflow: 'sends-parent', input: { waits: true } })
      await engine.quiet()
      await engine.terminate(ref)
      assert.equal((await engine.result(childRef())).status, 'canceled')
    })

    it('loses no signal to a chain that goes on meanwhile (keeps I5)', async () => {
      let raced = 0
      taps.commit = async (turns, commit) => {
        const goesOn = turns.some(({ sends }) => sends !== undefined && sends.successor !== null)
        if (goesOn && raced < 11) {
          raced += 1
          await engine.signal(ref, 'add', raced)
        }
        return commit()
      }
      const { runId } = await engine.startExecution({ ...ref, workflow: 'sends-chain', input: {} })
      await engine.signal({ ...ref, runId }, 'add', 100)
      assert.equal(await completed({ ...ref, runId }), 100 + (11 * 12) / 2)
      assert.equal(raced, 11)
      const query = `workflowId = '${ref.workflowId}'`
      assert.equal(await engine.count(namespace, query), 1)
      assert.equal(await engine.count(namespace, `${query} and status = 'continuedAsNew'`), 12)
    })

    it('answers an update once, whatever closes meanwhile', async () => {
      await engine.startExecution({ ...ref, workflow: 'sends-updated' })
      await engine.quiet()
      const add = (updateId: string) => engine.update(ref, 'add', { input: { by: 2 }, updateId })
      const answers = await Promise.all([add('a'), add('a'), add('b')])
      assert.deepEqual(answers[0], answers[1])
      assert.equal(await engine.query(ref, 'n'), 4)
      assert.equal(await codeOf(engine.update(ref, 'refuse', { updateId: 'r' })), 'UpdateRejected')
      assert.equal(await codeOf(engine.update(ref, 'refuse', { updateId: 'r' })), 'UpdateRejected')
      let late: Promise<string> | undefined
      const times = beforeCommitOf(
        (turn) => turn.change?.kind === 'close',
        async () => {
          const sent = engine.update(ref, 'add', { input: { by: 1 }, updateId: 'late' })
          late = sent.then(
            ({ status }) => status,
            (thrown: { code: string }) => thrown.code,
          )
          // Until it is in the inbox the close must not go on.
          await until(async () => {
            const query = `workflowId = '${ref.workflowId}'`
            const [run] = (await engine.list(namespace, { query })).items
            return (await taps.load?.(run?.runId ?? ''))?.lastMessage === 6
          })
        },
      )
      await engine.signal(ref, 'close', null)
      assert.equal(await completed(ref), 4)
      assert.equal(times(), 1)
      assert.equal(await late, 'ExecutionClosed')
      assert.deepEqual(await add('a'), answers[0])
    })

    it('tells whoever signals a state machine what became of it', async () => {
      await engine.startExecution({ ...ref, workflow: 'sends-machine' })
      const tell = async (name: string, suffix: string) => {
        const one = of(suffix)
        const input = { to: ref.workflowId, name }
        await engine.startExecution({ ...one, workflow: 'sends-sender', input })
        const outcome = await engine.result(one)
        return 'error' in outcome ? outcome.error.type : outcome.status
      }
      assert.equal(await tell('end', 'early'), 'SignalNotExpected')
      assert.equal(await tell('shut', 'right'), 'completed')
      await engine.signal(ref, 'end', {}, 'last')
      await engine.signal(ref, 'end', {}, 'last')
      assert.equal((await engine.result(ref)).status, 'completed')
      assert.equal(await tell('shut', 'late'), 'SignalTargetNotFound')
    })

    it('takes a pause that races the result of an activity: nothing new begins', async () => {
      await engine.startExecution({ ...ref, workflow: 'sends-held' })
      await until(() => executor.open.size === 1)
      const times = beforeCommitOf(
        (turn) => turn.events.includes('ActivityTaskCompleted'),
        () => engine.pause(ref),
      )
      const [end] = executor.open.values()
      end?.({ kind: 'completed', startedAt: 0, result: 'held' })
      await until(async () => times() === 1 && (await engine.describe(ref)).paused !== null)
      await engine.quiet()
      await engine.resume(ref)
      assert.equal(await completed(ref), 'held')
    })

    it('publishes the events of a turn with it', async () => {
      const sink = await openSink()
      try {
        const settings = { eventSinks: [{ name: ref.workflowId, url: sink.url }] }
        const other = await open({}, { settings })
        await other.engine.startExecution({ ...ref, workflow: 'sends-emitting' })
        await other.engine.result(ref)
        await until(() => sink.received.length === 2)
        await until(
          async () => (await other.engine.deliveries(namespace, { sink: ref.workflowId })).items.length === 0,
        )
        assert.deepEqual(sink.received.map(({ event }) => event['type']).sort(), ['a.b', 'a.c'])
      } finally {
        await sink.close()
      }
    })
  })
}
