/** Runs that cannot go on, snapshots that were damaged, and messages at the edge of a close: neighbours are unharmed. */
import assert from 'node:assert/strict'
import { openActivities } from '../../engine/embedded/process-activities.ts'
import { createMemoryData } from '../../storage/memory/data.ts'
import { openStorage } from '../../storage/open.ts'
import { SetClock } from '../set-clock.ts'
import { type MemoryData, useEngines, w } from './engines.ts'
import {
  codeOf,
  deploy,
  doc,
  echo,
  eventTypes,
  FunctionExecutor,
  namespace,
  oneStep,
  startEngine,
  until,
} from './support.ts'
import { type Taps, wrapStorage } from './wrapped-storage.ts'

const waiting = doc(`
signals: { go: {}, note: { do: [ { id: noted, activity: echo, input: { value: noted } } ] } }
steps:
  - { id: gate, wait: { signal: go } }
  - { id: work, activity: echo, input: { value: 1 } }
  - return: \${ steps.work }
`)

describe('what cannot go on', () => {
  const { engines, open } = useEngines()

  async function leaveWaiting(data: MemoryData): Promise<string> {
    const { engine } = await open({}, undefined, { data, settings: { snapshotBytes: 100 } })
    await deploy(engine, waiting)
    const { runId } = await engine.startExecution({ ...w, workflow: 'under-test' })
    for (let n = 0; n < 5; n += 1) await engine.signal(w, 'note', { n })
    await engine.quiet()
    await engine.stop()
    return runId
  }

  it('an error that quotes half a character or U+0000 ends its step, parks nothing', async () => {
    const longType = Object.assign(new Error('m'), { name: '\u{1f600}'.repeat(300) })
    const executor = new FunctionExecutor({
      throws: () => {
        throw Object.assign(longType, { message: `${'\0'}${'\u{1f600}'.repeat(20_000)}` })
      },
    })
    const { engine } = await open({}, executor)
    const quoting = {
      number: `'\${ $number(input) }'`,
      raised: `'\${ $error("x" & input) }'`,
      nothing: `"\${ $error($decodeUrlComponent('%00')) }"`,
      half: `'\${ $error("\\ud83d") }'`,
    }
    for (const [name, template] of Object.entries(quoting)) {
      await deploy(engine, doc(`input: { type: string }\nsteps: [ return: ${template} ]`, name))
    }
    await deploy(
      engine,
      doc('input: {}\nsteps: [ { id: a, activity: throws, retry: false }, return: null ]', 'throws'),
    )
    for (const workflow of [...Object.keys(quoting), 'throws']) {
      for (const input of ['', 'y'].map((start) => start + '\u{1f600}'.repeat(2_000))) {
        const ref = { namespace, workflowId: `${workflow}-${input.length}` }
        await engine.startExecution({ ...ref, workflow, input })
        assert.equal((await engine.result(ref, { waitMs: 5_000 })).status, 'failed', workflow)
      }
    }
  })

  for (const [what, damage] of Object.entries<(state: string) => string>({
    'is not JSON': () => 'not even JSON',
    'is another value': () => '{}',
    'lost a part': (state) => JSON.stringify({ ...JSON.parse(state), fibers: undefined }),
    'does not go with the history after it': (state) =>
      JSON.stringify({ ...JSON.parse(state), nextId: 900, signalWaits: {}, fibers: {} }),
  })) {
    it(`a snapshot that ${what} is ignored: the history alone decides (keeps I3)`, async () => {
      const data = createMemoryData()
      const runId = await leaveWaiting(data)
      const run = data.runs.get(runId)
      assert.ok(run?.snapshot)
      // Turns follow the snapshot, as nearly always.
      const firstTurn = run.turns[0]
      assert.ok(firstTurn)
      const eventId = run.turns[1]?.firstEventId ?? 2
      run.snapshot = { ...run.snapshot, eventId: eventId - 1, state: damage(run.snapshot.state) }
      const { engine } = await open({}, undefined, { data })
      await engine.signal(w, 'go', null)
      const outcome = await engine.result(w, { waitMs: 5_000 })
      assert.equal(outcome.status, 'completed', String((await engine.describe(w)).parked))
    })
  }

  for (const [what, events] of Object.entries({ 'no list': '{}', nothing: 'null', 'no events': '[]' })) {
    it(`a row of history that holds ${what} parks its run and no other; terminate closes it`, async () => {
      const data = createMemoryData()
      const runId = await leaveWaiting(data)
      const run = data.runs.get(runId)
      assert.ok(run)
      const last = run.turns.length - 1
      const turn = run.turns[last]
      assert.ok(turn)
      // The row is still one turn to the store, which does not look inside.
      run.turns[last] = { ...turn, events, eventCount: 1 }
      run.snapshot = null
      const { engine } = await open({}, undefined, { data })
      await engine.signal(w, 'go', null)
      await until(async () => (await engine.describe(w)).parked !== null)
      assert.match((await engine.describe(w)).parked ?? '', new RegExp(`row at event ${turn.firstEventId}`))
      const other = { namespace, workflowId: 'other' }
      await engine.startExecution({ ...other, workflow: 'under-test' })
      await engine.signal(other, 'go', null)
      assert.equal((await engine.result(other)).status, 'completed')
      await engine.terminate(w, 'damaged')
      assert.equal((await engine.result(w)).status, 'terminated')
    })
  }

  it('a signal that races the termination of a parked run is taken before it, and the run closes (keeps I5)', async () => {
    const data = createMemoryData()
    const runId = await leaveWaiting(data)
    const run = data.runs.get(runId)
    const turn = run?.turns[0]
    assert.ok(run && turn)
    run.turns[0] = { ...turn, events: '{}' }
    run.snapshot = null
    const taps: Taps = {}
    const { engine } = await open(taps, undefined, { data })
    await engine.signal(w, 'note', { n: 5 })
    await until(async () => (await engine.describe(w)).parked !== null)
    let raced = 0
    taps.commit = async (turns, commit) => {
      if (turns.some(({ change }) => change?.kind === 'close') && raced < 3) {
        raced += 1
        await engine.signal(w, 'note', { n: 5 + raced })
      }
      return commit()
    }
    await engine.terminate(w)
    assert.equal((await engine.result(w)).status, 'terminated')
    assert.equal(raced, 3)
    const last = JSON.parse(run.turns.at(-1)?.events ?? '[]') as { type: string }[]
    assert.equal(last.filter(({ type }) => type === 'WorkflowSignalReceived').length, 4)
    assert.equal(last.at(-1)?.type, 'WorkflowExecutionTerminated')
  })

  it('a termination that was accepted while its run was being parked is carried out', async () => {
    const data = createMemoryData()
    const runId = await leaveWaiting(data)
    const run = data.runs.get(runId)
    const turn = run?.turns[0]
    assert.ok(run && turn)
    run.turns[0] = { ...turn, events: '{}' }
    run.snapshot = null
    const store = openStorage({ kind: 'memory', data })
    const inner = wrapStorage(store, {})
    let sent = 0
    const { engine } = await startEngine(new FunctionExecutor(echo), {
      storage: {
        ...inner,
        runs: {
          ...inner.runs,
          async park(node, id, reason, seenMessage) {
            if (sent === 0) {
              sent += 1
              await engine.terminate(w)
            }
            return inner.runs.park(node, id, reason, seenMessage)
          },
        },
      },
    })
    engines.push(engine)
    await engine.signal(w, 'note', { n: 5 })
    assert.equal((await engine.result(w)).status, 'terminated')
    assert.equal(sent, 1)
  })

  it('who sends a signal again, after the run that took it closed, is told that it was accepted', async () => {
    const { engine } = await open()
    await deploy(engine, waiting)
    await engine.startExecution({ ...w, workflow: 'under-test' })
    await engine.signal(w, 'go', null, 'once')
    assert.equal((await engine.result(w)).status, 'completed')
    await engine.signal(w, 'go', null, 'once')
    assert.equal(await codeOf(engine.signal(w, 'go', null, 'another')), 'ExecutionClosed')
    assert.equal(await codeOf(engine.signal(w, 'go', null)), 'ExecutionClosed')
    const types = await eventTypes(engine, 'w')
    assert.equal(types.filter((type) => type === 'WorkflowSignalReceived').length, 1)
  })

  it('suspects that live on do not wait for one another: one, then two, then four', async () => {
    const data = createMemoryData()
    const first = await open({}, new FunctionExecutor({ echo: () => undefined }), { data })
    await deploy(first.engine, oneStep)
    for (let n = 0; n < 7; n += 1)
      await first.engine.startExecution({
        namespace,
        workflow: 'under-test',
        workflowId: `suspect-${n}`,
        input: { value: n },
      })
    await until(() => first.executor.calls.length === 7)
    first.engine.abandon()
    for (const run of data.runs.values()) run.takeovers = 3
    const executor = new FunctionExecutor({ echo: () => undefined })
    const clock = new SetClock()
    const settings = { leaseTtlMs: 60_000 }
    const second = await open({}, executor, { data, clock, settings })
    const sizes: number[] = []
    for (let leases = 0; leases < 3; leases += 1) {
      await second.engine.quiet()
      sizes.push(executor.calls.length)
      clock.advance(60_000)
    }
    assert.deepEqual(sizes, [1, 3, 7])
    assert.equal(second.engine.loadedRuns, 7)
  })
})

describe('values that cannot be stored or are too large', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const values: { readonly [what: string]: unknown } = {
    'U+0000': 'a\u0000b',
    'U+0000 in a key': { 'a\u0000': 1 },
    'a lone surrogate': ['\ud800'],
    'a lone surrogate in a key': { '\udc00': 1 },
    NaN: { n: Number.NaN },
    Infinity: Number.POSITIVE_INFINITY,
    'a cycle': cycle,
    '3 MiB': 'x'.repeat(3 * 1024 * 1024),
    ['__proto__']: JSON.parse('{"__proto__":{"polluted":true}}'),
    'a bigint': 10n,
    'depth 5,000': Array.from({ length: 5_000 }).reduce<unknown>((inner) => [inner], 1),
  }

  for (const [what, value] of Object.entries(values)) {
    it(`${what}: refused at every door with a clear error, neighbours unharmed`, async () => {
      const { executor } = await openActivities({
        given: [
          { name: 'echo', run: ({ value }: { value: unknown }) => value },
          { name: 'poison', run: () => value },
          {
            name: 'thrower',
            run: () => {
              throw Object.assign(new Error(typeof value === 'string' ? value : 'poison'), {
                type: typeof value === 'string' ? value : 'Poison',
                details: value,
                retryable: false,
              })
            },
          },
          {
            name: 'beater',
            run: (_: unknown, context: { heartbeat(details: unknown): void }) => {
              try {
                context.heartbeat(value)
              } catch (thrown) {
                return String(thrown).slice(0, 500)
              }
              return 'beaten'
            },
          },
        ],
      })
      const { engine } = await startEngine(executor as never, {})
      try {
        for (const activity of ['poison', 'thrower', 'beater'])
          await deploy(
            engine,
            doc(
              `steps: [ { id: s, activity: ${activity}, retry: { maximumAttempts: 1 } }, { return: "\${ steps.s }" } ]`,
              activity,
            ),
          )
        await deploy(engine, oneStep)
        await deploy(engine, doc('signals: { go: {} }\nsteps: [ { id: g, wait: { signal: go } } ]', 'gate'))
        const neighbour = engine.startExecution({
          namespace,
          workflow: 'under-test',
          workflowId: 'n',
          input: { value: 5 },
        })
        await engine.startExecution({ namespace, workflow: 'gate', workflowId: 'g' })
        const given = value as never
        const start = (more: object) =>
          codeOf(engine.startExecution({ namespace, workflow: 'gate', workflowId: `x-${what}`, ...more }))
        const doors = {
          input: await start({ input: given, workflowId: 'x-1' }),
          memo: await start({ memo: given, workflowId: 'x-2' }),
          searchAttributes: await start({ searchAttributes: given, workflowId: 'x-3' }),
          signal: await codeOf(engine.signal({ namespace, workflowId: 'g' }, 'go', given)),
        }
        for (const [door, code] of Object.entries(doors))
          assert.match(code, /^(InputInvalid|SignalInvalid|LimitExceeded|RequestInvalid)$/, door)
        if (typeof value === 'string') {
          assert.match(await start({ workflowId: value }), /^RequestInvalid$/)
          assert.match(await start({ requestId: value, workflowId: 'x-4' }), /^RequestInvalid$/)
          assert.match(
            await codeOf(engine.signal({ namespace, workflowId: 'g' }, 'go', null, value)),
            /^RequestInvalid$/,
          )
          assert.match(await codeOf(engine.cancel({ namespace, workflowId: 'g' }, value)), /^RequestInvalid$/)
        }
        for (const workflow of ['poison', 'thrower', 'beater']) {
          const ref = { namespace, workflowId: `${workflow}-run` }
          await engine.startExecution({ ...ref, workflow })
          const outcome = await engine.result(ref, { waitMs: 10_000 })
          assert.equal(outcome.status, workflow === 'beater' ? 'completed' : 'failed', workflow)
          assert.ok(JSON.stringify(outcome).length < 3 * 1024 * 1024, `${workflow}: the error is short`)
        }
        await neighbour
        const outcome = await engine.result({ namespace, workflowId: 'n' })
        assert.ok(outcome.status === 'completed')
        assert.equal(outcome.result, 5)
        assert.equal(({} as { polluted?: boolean }).polluted, undefined)
      } finally {
        await engine.stop({ graceMs: 0 })
      }
    })
  }
})
