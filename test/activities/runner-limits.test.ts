/** Many attempts: limits, fairness, timeouts. */
import assert from 'node:assert/strict'
import type { ActivityContext, ActivityDefinition, AttemptOutcome } from '../../activities/contract.ts'
import { deferred, outcomeOf, runnerOf, settle, taskOf } from './attempts.ts'

function activity(
  run: ActivityDefinition['run'],
  more: Partial<ActivityDefinition> = {},
): ActivityDefinition {
  return { name: 'a', run, ...more }
}

const forever = () => new Promise<never>(() => {})

describe('limits and order', () => {
  it('run at most so many at once, for the process and for the activity, and nobody waits behind a full activity', async () => {
    const open = new Map<string, () => void>()
    const started: string[] = []
    const hold = (_: unknown, { info }: ActivityContext) =>
      new Promise<void>((resolve) => {
        const name = `${info.activity}${info.activityId}`
        started.push(name)
        open.set(name, resolve)
      })
    const { runner } = runnerOf(
      [
        { name: 'one', maxConcurrent: 1, run: hold },
        { name: 'free', run: hold },
      ],
      { maxConcurrent: 3 },
    )
    for (const id of [1, 2, 3]) runner.dispatch(taskOf('one', { activityId: id }), () => {})
    for (const id of [4, 5, 6]) runner.dispatch(taskOf('free', { activityId: id }), () => {})
    await settle()
    assert.deepEqual(started, ['one1', 'free4', 'free5'])
    assert.equal(runner.isStarted({ runId: 'r-1', activityId: 1 }), true)
    assert.equal(runner.isStarted({ runId: 'r-1', activityId: 2 }), false)
    open.get('one1')?.()
    await settle()
    open.get('free4')?.()
    await settle()
    assert.deepEqual(started, ['one1', 'free4', 'free5', 'one2', 'free6'])
    runner.cancel({ runId: 'r-1', activityId: 3 })
    open.get('one2')?.()
    await settle()
    assert.deepEqual(started.length, 5)
  })

  it('serve runs in turn', async () => {
    const order: string[] = []
    const { runner } = runnerOf(
      [
        activity((_: unknown, { info }: ActivityContext) => {
          order.push(info.runId)
        }),
      ],
      { maxConcurrent: 1 },
    )
    const outcomes: Promise<AttemptOutcome>[] = []
    for (let id = 0; id < 4; id++)
      outcomes.push(outcomeOf(runner, taskOf('a', { runId: 'big', activityId: id })))
    outcomes.push(outcomeOf(runner, taskOf('a', { runId: 'small', activityId: 9 })))
    await Promise.all(outcomes)
    assert.deepEqual(order, ['big', 'small', 'big', 'big', 'big'])
  })

  it('serve higher priorities first, also where the activity has a limit of its own', async () => {
    for (const limits of [{ all: { maxConcurrent: 1 } }, { own: { maxConcurrent: 1 } }]) {
      const order: (string | number)[] = []
      const run = (_: unknown, { info }: ActivityContext) => {
        order.push(info.activityId)
      }
      const { runner } = runnerOf([activity(run, limits.own)], limits.all)
      const priorities = [undefined, 5, -1, 5, 0.5]
      const outcomes = priorities.map((priority, activityId) =>
        outcomeOf(runner, taskOf('a', { activityId, ...(priority !== undefined && { priority }) })),
      )
      runner.dispatch(taskOf('a', { activityId: 9, priority: 9 }), () => {})
      runner.cancel({ runId: 'r-1', activityId: 9 })
      await Promise.all(outcomes)
      assert.deepEqual(order, [1, 3, 4, 0, 2])
    }
  })

  it('take 10,000 dispatches at once, each reported once, with one timer for all deadlines', async () => {
    const { runner, clock } = runnerOf([activity(async () => null)], { maxConcurrent: 100 })
    const reports = new Map<number, number>()
    let mostTimers = 0
    await new Promise<void>((resolve) => {
      for (let id = 0; id < 10_000; id++)
        runner.dispatch(taskOf('a', { runId: `r-${id % 50}`, activityId: id }), () => {
          reports.set(id, (reports.get(id) ?? 0) + 1)
          mostTimers = Math.max(mostTimers, clock.pending)
          if (reports.size === 10_000) resolve()
        })
    })
    assert.ok([...reports.values()].every((count) => count === 1))
    assert.equal(mostTimers, 1)
  })

  it('let timers run while activities that end at once keep coming', async () => {
    const { runner } = runnerOf([activity(() => null)])
    let stopped = false
    let rounds = 0
    const again = () => {
      rounds++
      if (!stopped) runner.dispatch(taskOf('a', { activityId: rounds }), again)
    }
    again()
    await new Promise<void>((resolve) => setImmediate(resolve))
    stopped = true
    assert.ok(rounds > 0)
  })
})

describe('timeouts', () => {
  it('end an attempt at its start-to-close deadline, abort it and drop what it does later', async () => {
    const late = deferred<string>()
    let reason: unknown
    const { runner, clock } = runnerOf([
      activity((_: unknown, { signal }: ActivityContext) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason
        })
        return late.promise
      }),
    ])
    const outcomes: AttemptOutcome[] = []
    runner.dispatch(taskOf('a', { settings: { startToCloseTimeoutMs: 5_000 } }), (o) => outcomes.push(o))
    await settle()
    clock.advance(4_999)
    assert.deepEqual(outcomes, [])
    clock.advance(1)
    assert.deepEqual(outcomes, [{ kind: 'timedOut', timeout: 'StartToClose', startedAt: 1_000_000 }])
    assert.ok(reason instanceof Error)
    assert.match(reason.message, /StartToClose/)
    late.resolve('too late')
    await settle()
    assert.equal(outcomes.length, 1)
  })

  it('count from the start that an attempt had before a restart', async () => {
    let calls = 0
    const { runner, clock } = runnerOf([
      activity(() => {
        calls++
        return forever()
      }),
    ])
    const settings = { startToCloseTimeoutMs: 5_000 }
    const first = outcomeOf(runner, taskOf('a', { startedAt: clock.now() - 4_000, settings }))
    await settle()
    clock.advance(1_000)
    assert.deepEqual(await first, { kind: 'timedOut', timeout: 'StartToClose', startedAt: 996_000 })
    const over = await outcomeOf(
      runner,
      taskOf('a', { activityId: 2, startedAt: clock.now() - 6_000, settings }),
    )
    assert.equal(over.kind, 'timedOut')
    assert.equal(calls, 1, 'an attempt whose deadline has passed is not called again')
  })

  it('end an attempt that is silent for its heartbeat timeout, and no other', async () => {
    let beat: (details?: unknown) => void = () => {}
    const { runner, clock } = runnerOf([
      activity((_: unknown, { heartbeat }: ActivityContext) => {
        beat = heartbeat
        return forever()
      }),
    ])
    const outcomes: AttemptOutcome[] = []
    const settings = { startToCloseTimeoutMs: 60_000, heartbeatTimeoutMs: 1_000 }
    runner.dispatch(taskOf('a', { settings }), (o) => outcomes.push(o))
    await settle()
    for (let round = 0; round < 10; round++) {
      clock.advance(900)
      beat()
    }
    assert.deepEqual(outcomes, [])
    clock.advance(1_000)
    assert.deepEqual(outcomes, [{ kind: 'timedOut', timeout: 'Heartbeat', startedAt: 1_000_000 }])
  })

  it('of many attempts fire in order, also after restarts mixed their starts', async () => {
    const { runner, clock } = runnerOf([activity(forever)])
    const order: number[] = []
    const starts = [0, 300, 100, 500, 200, 400]
    starts.forEach((ago, index) => {
      runner.dispatch(
        taskOf('a', {
          activityId: index,
          startedAt: clock.now() - ago,
          settings: { startToCloseTimeoutMs: 1_000 },
        }),
        () => order.push(ago),
      )
    })
    await settle()
    clock.advance(2_000)
    assert.deepEqual(order, [500, 400, 300, 200, 100, 0])
    assert.equal(clock.pending, 0)
  })

  it('of code that never settles give its place to others', async () => {
    const { runner, clock } = runnerOf([activity(forever), { name: 'b', run: () => 'done' }], {
      maxConcurrent: 1,
    })
    runner.dispatch(taskOf('a', { settings: { startToCloseTimeoutMs: 10 } }), () => {})
    const second = outcomeOf(runner, taskOf('b', { activityId: 2 }))
    await settle()
    clock.advance(10)
    assert.equal((await second).kind, 'completed')
  })
})
