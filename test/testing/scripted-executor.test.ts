import assert from 'node:assert/strict'
import type { ActivityTask, AttemptOutcome, Json } from '../../engine/index.ts'
import type { Script, ScriptEntry } from '../../testing/scenario.ts'
import { ScriptedExecutor } from '../../testing/scripted-executor.ts'
import { VirtualClock } from '../../testing/virtual-clock.ts'

type Call = Partial<Omit<ScriptEntry, 'path'>>

function returns(value: Json, more: Call = {}): ScriptEntry {
  return { path: [], outcome: { kind: 'returns', value }, takes: 0, ...more }
}

function setUp(script: { readonly [key: string]: readonly ScriptEntry[] }) {
  const clock = new VirtualClock(0)
  const scriptMap: Script = new Map(Object.entries(script))
  const render = async (template: Json, scope: { readonly input: Json; readonly attempt: number }) =>
    template === '${ attempt }' ? scope.attempt : template
  const executor = new ScriptedExecutor(clock, scriptMap, render)
  let life = executor.forEngine()
  const reports: { readonly id: number; readonly at: number; readonly outcome: AttemptOutcome }[] = []
  return {
    clock,
    executor,
    reports,
    get life() {
      return life
    },
    dispatch(task: Partial<ActivityTask> & { readonly activityId: number }) {
      const whole: ActivityTask = {
        namespace: 'default',
        workflowId: 'w',
        runId: 'r',
        workflow: 'demo',
        version: '1.0.0',
        activity: 'mail.send',
        step: 'notify',
        path: 'notify',
        attempt: 1,
        taskQueue: 'default',
        input: null,
        scheduledAt: 0,
        settings: { startToCloseTimeoutMs: 60_000 },
        ...task,
      }
      life.dispatch(whole, (outcome) => reports.push({ id: whole.activityId, at: clock.now(), outcome }))
    },
    crash() {
      life.retire()
      life = executor.forEngine()
    },
    async runAll() {
      while (await clock.fireNext());
    },
  }
}

describe('the scripted executor', () => {
  it('uses a list up call by call, its last entry repeats, counted per script key', async () => {
    const set = setUp({ notify: [returns('a'), returns('b')], 'mail.send': [returns('c')] })
    set.dispatch({ activityId: 1 })
    set.dispatch({ activityId: 2, step: 'other' })
    set.dispatch({ activityId: 3, attempt: 1 })
    set.dispatch({ activityId: 4, attempt: 1 })
    await set.runAll()
    assert.deepEqual(
      set.reports.map(({ id, outcome }) => [
        id,
        outcome.kind === 'completed' ? outcome.result : outcome.kind,
      ]),
      [
        [1, 'a'],
        [2, 'c'],
        [3, 'b'],
        [4, 'b'],
      ],
    )
  })

  it('never reports inside `dispatch`, and ends after what the call takes', async () => {
    const set = setUp({ notify: [returns('a', { takes: 5_000 })] })
    set.dispatch({ activityId: 1 })
    assert.deepEqual(set.reports, [])
    await set.runAll()
    assert.deepEqual(set.reports, [
      { id: 1, at: 5_000, outcome: { kind: 'completed', startedAt: 0, result: 'a' } },
    ])
  })

  it('throws with retryable, details and the delay that the error names, templates rendered', async () => {
    const error = {
      type: 'Down',
      message: '${ attempt }',
      details: { n: 1 },
      retryable: false,
      retryAfterMs: 10,
    }
    const set = setUp({ notify: [returns(null, { outcome: { kind: 'throws', error } })] })
    set.dispatch({ activityId: 1, attempt: 3 })
    await set.runAll()
    assert.deepEqual(set.reports[0]?.outcome, {
      kind: 'failed',
      startedAt: 0,
      error: { type: 'Down', message: '3', details: { n: 1 }, retryable: false },
      retryAfterMs: 10,
    })
  })

  for (const [name, call, settings, expected] of [
    ['an answer at the deadline is in time', { takes: 60_000 }, {}, 'completed at 60000'],
    ['one later is a timeout', { takes: 60_001 }, {}, 'StartToClose at 60000'],
    ['forever is a timeout', { takes: 'forever' }, {}, 'StartToClose at 60000'],
    [
      'silence is a missing heartbeat',
      { takes: 'forever' },
      { heartbeatTimeoutMs: 30_000 },
      'Heartbeat at 30000',
    ],
    [
      'heartbeats keep it alive',
      { takes: 50_000, heartbeatIntervalMs: 10_000 },
      { heartbeatTimeoutMs: 30_000 },
      'completed at 50000',
    ],
    [
      'they do not push the end on',
      { takes: 'forever', heartbeatIntervalMs: 10_000 },
      { heartbeatTimeoutMs: 30_000 },
      'StartToClose at 60000',
    ],
    [
      'heartbeats that come too seldom',
      { takes: 50_000, heartbeatIntervalMs: 40_000 },
      { heartbeatTimeoutMs: 30_000 },
      'Heartbeat at 30000',
    ],
    [
      'an answer before the first missing heartbeat',
      { takes: 30_000 },
      { heartbeatTimeoutMs: 30_000 },
      'completed at 30000',
    ],
  ] as const)
    it(`timeouts in virtual time: ${name}`, async () => {
      const set = setUp({ notify: [returns(null, call)] })
      set.dispatch({ activityId: 1, settings: { startToCloseTimeoutMs: 60_000, ...settings } })
      await set.runAll()
      const [report] = set.reports
      assert.ok(report)
      const kind = report.outcome.kind === 'timedOut' ? report.outcome.timeout : report.outcome.kind
      assert.equal(`${kind} at ${report.at}`, expected)
    })

  it('stops at once, as canceled, when it is asked to; one that is unknown or over reports nothing', async () => {
    const set = setUp({ notify: [returns('a', { takes: 5_000 })] })
    set.dispatch({ activityId: 1 })
    assert.equal(set.life.cancel({ runId: 'r', activityId: 1 }), true)
    assert.equal(set.life.cancel({ runId: 'r', activityId: 9 }), false)
    assert.deepEqual(set.reports, [])
    await set.runAll()
    assert.deepEqual(set.reports, [{ id: 1, at: 0, outcome: { kind: 'canceled', startedAt: 0 } }])
    assert.equal(set.life.cancel({ runId: 'r', activityId: 1 }), false)
  })

  it('reports nothing that was forgotten', async () => {
    const set = setUp({ notify: [returns('a', { takes: 5_000 })] })
    set.dispatch({ activityId: 1 })
    set.life.forget({ runId: 'r', activityId: 1 })
    await set.runAll()
    assert.deepEqual(set.reports, [])
  })

  it('a queue without workers never starts, counts as no call, and can be canceled', async () => {
    const set = setUp({ notify: [returns(null, { takes: 'never starts' })], other: [returns('b')] })
    set.dispatch({ activityId: 1 })
    set.dispatch({ activityId: 2, step: 'other' })
    assert.equal(set.life.isStarted({ runId: 'r', activityId: 1 }), false)
    assert.equal(set.life.isStarted({ runId: 'r', activityId: 2 }), true)
    await set.runAll()
    assert.deepEqual(
      set.reports.map((report) => report.id),
      [2],
    )
    assert.deepEqual(
      set.executor.calls.map((call) => call.step),
      ['other'],
    )
    assert.equal(set.life.cancel({ runId: 'r', activityId: 1 }), true)
    await set.runAll()
    assert.equal(set.reports.at(-1)?.outcome.kind, 'canceled')
  })

  it('a call without a script fails the scenario with the name of the step', async () => {
    const set = setUp({})
    set.dispatch({ activityId: 1 })
    await set.runAll()
    assert.deepEqual(set.reports, [])
    assert.match(
      set.executor.failure?.message ?? '',
      /step "notify" called the activity "mail.send".*no script/,
    )
    assert.equal(set.executor.failure?.step, 'notify')
    const misspelt = setUp({ notfiy: [returns(null)] })
    misspelt.dispatch({ activityId: 1 })
    assert.match(misspelt.executor.failure?.message ?? '', /did you mean it by "notfiy"\?$/)
  })

  it('every activity counts as registered', () => {
    assert.deepEqual(setUp({}).life.find('anything'), { settings: {} })
  })

  describe('after a crash', () => {
    it('an attempt that runs again takes the same entry, keeps its end time, and counts once', async () => {
      const set = setUp({ notify: [returns('a', { takes: 5_000 }), returns('b')] })
      set.dispatch({ activityId: 1 })
      set.clock.advanceTo(2_000)
      set.crash()
      set.dispatch({ activityId: 1 })
      await set.runAll()
      assert.deepEqual(set.reports, [
        { id: 1, at: 5_000, outcome: { kind: 'completed', startedAt: 0, result: 'a' } },
      ])
      assert.equal(set.executor.calls.length, 1)
    })

    it('a result that was reported and lost is reported again', async () => {
      const set = setUp({ notify: [returns('a'), returns('b')] })
      set.dispatch({ activityId: 1 })
      await set.runAll()
      set.crash()
      set.dispatch({ activityId: 1 })
      await set.runAll()
      assert.deepEqual(
        set.reports.map(({ at, outcome }) => [at, outcome.kind === 'completed' && outcome.result]),
        [
          [0, 'a'],
          [0, 'a'],
        ],
      )
    })

    it('an end that passes while no engine waits for it is reported when one does', async () => {
      const set = setUp({ notify: [returns('a', { takes: 5_000 })] })
      set.dispatch({ activityId: 1 })
      set.crash()
      await set.runAll()
      assert.equal(set.reports.length, 0)
      set.dispatch({ activityId: 1 })
      await set.runAll()
      assert.equal(set.reports[0]?.at, 5_000)
    })

    it('the engine that was thrown away reaches nothing and hears nothing', async () => {
      const set = setUp({ notify: [returns('a', { takes: 5_000 })] })
      set.dispatch({ activityId: 1 })
      const dead = set.life
      set.crash()
      assert.equal(dead.cancel({ runId: 'r', activityId: 1 }), false)
      dead.forget({ runId: 'r', activityId: 1 })
      await set.runAll()
      assert.deepEqual(set.reports, [])
    })

    it('one that was canceled stays canceled', async () => {
      const set = setUp({ notify: [returns('a', { takes: 5_000 })] })
      set.dispatch({ activityId: 1 })
      set.life.cancel({ runId: 'r', activityId: 1 })
      set.crash()
      set.dispatch({ activityId: 1 })
      await set.runAll()
      assert.deepEqual(
        set.reports.map(({ outcome }) => outcome.kind),
        ['canceled'],
      )
    })
  })
})
