/** The time of events where executions hear of each other alone: it goes on, as the clock of the node does. */
import assert from 'node:assert/strict'
import { systemClock } from '../../engine/clock.ts'
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
} from './support.ts'
import { type Taps, wrapStorage } from './wrapped-storage.ts'

const commitMs = 60_000

describe('engine: the time of events', () => {
  let bench: Bench
  let taps: Taps
  /** How far the node's clock is ahead; each commit takes a minute on it. */
  let aheadMs: number

  beforeEach(async () => {
    aheadMs = 0
    taps = {
      commit(_turns, inner) {
        aheadMs += commitMs
        return inner()
      },
    }
    bench = await startEngine(new FunctionExecutor(echo), {
      storage: wrapStorage(openStorage({ kind: 'memory' }), taps),
      clock: { ...systemClock, now: () => systemClock.now() + aheadMs },
    })
  })
  afterEach(() => bench.engine.stop({ graceMs: 0 }))

  async function spanOf(workflowId: string): Promise<number> {
    const events = await allEvents(bench.engine, workflowId)
    const times = events.map(({ timestamp }) => timestamp)
    return (times.at(-1) ?? 0) - (times[0] ?? 0)
  }

  it('goes on where two only signal each other', async () => {
    const tell = (to: string, name: string) => `{ signal: { workflowId: ${to}, name: ${name} } }`
    const rounds = 'while: vars.n < 4'
    const count = '{ set: { n: "${ vars.n + 1 }" } }'
    await deploy(
      bench.engine,
      doc(
        `vars: { n: 0 }\nsignals: { pong: {} }\nsteps: [ { id: r, ${rounds}, do: [ ${tell('b', 'ping')}, { id: w, wait: { signal: pong } }, ${count} ] } ]`,
        'one',
      ),
    )
    await deploy(
      bench.engine,
      doc(
        `vars: { n: 0 }\nsignals: { ping: {} }\nsteps: [ { id: r, ${rounds}, do: [ { id: w, wait: { signal: ping } }, ${tell('a', 'pong')}, ${count} ] } ]`,
        'two',
      ),
    )
    await bench.engine.startExecution({ namespace, workflowId: 'b', workflow: 'two' })
    await bench.engine.startExecution({ namespace, workflowId: 'a', workflow: 'one' })
    await bench.engine.result({ namespace, workflowId: 'a' }, { waitMs: 5_000 })
    await bench.engine.quiet()
    assert.ok((await spanOf('a')) >= 4 * commitMs, `${await spanOf('a')} ms`)
    assert.ok((await spanOf('b')) >= 4 * commitMs, `${await spanOf('b')} ms`)
  })

  it('gives a step its whole time, though the message before it waited for a node', async () => {
    await deploy(
      bench.engine,
      doc(
        'signals: { go: {} }\nsteps: [ { id: w, wait: { signal: go } }, { id: a, timeout: 10m, activity: echo, input: { value: 1 } } ]',
        'late',
      ),
    )
    const ref = { namespace, workflowId: 'w' }
    await bench.engine.startExecution({ ...ref, workflow: 'late' })
    await bench.engine.quiet()
    assert.equal(bench.engine.loadedRuns, 0)
    taps.claim = (inner) => {
      delete taps.claim
      aheadMs += 60 * commitMs
      return inner()
    }
    await bench.engine.signal(ref, 'go', null)
    const outcome = await bench.engine.result(ref, { waitMs: 5_000 })
    assert.equal(outcome.status, 'completed', JSON.stringify(outcome))
  })

  it('goes on along a chain of runs that never waits, and where a parent only has children', async () => {
    await deploy(
      bench.engine,
      doc(
        'input: { type: object, properties: { n: { type: integer, default: 0 } } }\nsteps:\n  - if: input.n < 4\n    continueAsNew: { input: { n: "${ input.n + 1 }" } }\n  - return: ${ $now() }',
        'chain',
      ),
    )
    await deploy(
      bench.engine,
      doc(
        'steps: [ { id: k, workflow: chain, input: {} }, { id: l, workflow: chain, input: {} } ]',
        'parent',
      ),
    )
    const from = systemClock.now()
    const { runId } = await bench.engine.startExecution({ namespace, workflowId: 'p', workflow: 'parent' })
    const outcome = await bench.engine.result({ namespace, workflowId: 'p', runId }, { waitMs: 5_000 })
    assert.equal(outcome.status, 'completed')
    assert.ok((await spanOf('p')) >= 10 * commitMs, `${await spanOf('p')} ms`)
    assert.ok(systemClock.now() - from < commitMs)
  })
})
