/** Attempts from outside: cancellation, forget, heartbeats, completion elsewhere, stop. */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { ApplicationError } from '../../activities/application-error.ts'
import type { ActivityContext, ActivityDefinition } from '../../activities/contract.ts'
import { deferred, outcomeOf, runnerOf, settle, taskOf } from './attempts.ts'

function activity(
  run: ActivityDefinition['run'],
  more: Partial<ActivityDefinition> = {},
): ActivityDefinition {
  return { name: 'a', run, ...more }
}

const forever = () => new Promise<never>(() => {})

describe('cancellation', () => {
  const key = { runId: 'r-1', activityId: 1 }

  it('asks the code to stop; code that stops because of it was canceled', async () => {
    const ways: ActivityDefinition['run'][] = [
      (_: unknown, { signal }: ActivityContext) => pause(1_000_000, null, { signal }),
      (_: unknown, { signal }: ActivityContext) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      async (_: unknown, { signal }: ActivityContext) => {
        try {
          await pause(1_000_000, null, { signal })
        } catch (cause) {
          throw new Error('wrapped', { cause })
        }
      },
    ]
    for (const run of ways) {
      const { runner } = runnerOf([activity(run)])
      const outcome = outcomeOf(runner, taskOf('a'))
      await settle()
      assert.equal(runner.cancel(key), true)
      assert.equal((await outcome).kind, 'canceled')
    }
  })

  it('leaves a completion, and an error of its own, as they are', async () => {
    for (const [end, kind] of [
      ['resolve', 'completed'],
      ['reject', 'failed'],
    ] as const) {
      const ends = deferred<unknown>()
      const { runner } = runnerOf([activity(() => ends.promise)])
      const outcome = outcomeOf(runner, taskOf('a'))
      await settle()
      runner.cancel(key)
      ends[end](new ApplicationError('own error').message)
      assert.equal((await outcome).kind, kind)
    }
  })

  it('is seen by code that looks at the signal only afterwards', async () => {
    const go = deferred<void>()
    const { runner } = runnerOf([
      activity(async (_: unknown, context: ActivityContext) => {
        await go.promise
        context.signal.throwIfAborted()
      }),
    ])
    const outcome = outcomeOf(runner, taskOf('a'))
    await settle()
    runner.cancel(key)
    go.resolve()
    assert.equal((await outcome).kind, 'canceled')
  })

  it('of an attempt that waits in the queue is reported at once, later than the call', async () => {
    const { runner } = runnerOf([activity(forever)], { maxConcurrent: 1 })
    runner.dispatch(taskOf('a'), () => {})
    const outcomes: string[] = []
    runner.dispatch(taskOf('a', { activityId: 2 }), ({ kind }) => outcomes.push(kind))
    await settle()
    runner.cancel({ runId: 'r-1', activityId: 2 })
    assert.deepEqual(outcomes, [])
    await settle()
    assert.deepEqual(outcomes, ['canceled'])
  })

  it('of what is not here is answered with false', () => {
    const { runner } = runnerOf([])
    assert.equal(runner.cancel(key), false)
  })

  it('without having been asked, an AbortError is a failure', async () => {
    const { runner } = runnerOf([activity(() => Promise.reject(new DOMException('x', 'AbortError')))])
    const outcome = await outcomeOf(runner, taskOf('a'))
    assert.ok(outcome.kind === 'failed')
    assert.equal(outcome.error.type, 'AbortError')
  })
})

describe('forget', () => {
  it('aborts, reports nothing and frees the place', async () => {
    let aborted = false
    const { runner } = runnerOf(
      [
        activity((_: unknown, { signal }: ActivityContext) => {
          signal.addEventListener('abort', () => {
            aborted = true
          })
          return forever()
        }),
        { name: 'b', run: () => 1 },
      ],
      { maxConcurrent: 1 },
    )
    let reported = false
    runner.dispatch(taskOf('a'), () => {
      reported = true
    })
    await settle()
    runner.forget({ runId: 'r-1', activityId: 1 })
    assert.equal(aborted, true)
    assert.equal((await outcomeOf(runner, taskOf('b', { activityId: 2 }))).kind, 'completed')
    assert.equal(reported, false)
  })
})

describe('heartbeats', () => {
  const settings = { startToCloseTimeoutMs: 60_000, heartbeatTimeoutMs: 10_000 }

  it('hand their details to the next attempt, newer than what was kept', async () => {
    const seen: unknown[] = []
    const { runner } = runnerOf([
      activity((_: unknown, { lastHeartbeat, heartbeat, info }: ActivityContext) => {
        seen.push(lastHeartbeat)
        heartbeat({ row: info.attempt * 10 })
        throw new Error('again')
      }),
    ])
    await outcomeOf(runner, taskOf('a', { settings }))
    await outcomeOf(runner, taskOf('a', { attempt: 2, settings, lastHeartbeat: { row: 1 } }))
    await outcomeOf(runner, taskOf('a', { activityId: 2, attempt: 2, settings, lastHeartbeat: 'kept' }))
    assert.deepEqual(seen, [undefined, { row: 10 }, 'kept'])
  })

  it('and starts are drained after a second, then at most once per half the heartbeat timeout', async () => {
    let beat: (details?: unknown) => void = () => {}
    const { runner, clock } = runnerOf([
      activity((_: unknown, { heartbeat }: ActivityContext) => {
        beat = heartbeat
        return forever()
      }),
    ])
    runner.dispatch(taskOf('a', { settings }), () => {})
    await settle()
    const drained = () => runner.drainAttempts(clock.now()).map(({ details }) => details)
    assert.deepEqual(drained(), [])
    clock.advance(1_000)
    assert.deepEqual(runner.drainAttempts(clock.now()), [
      { runId: 'r-1', activityId: 1, attempt: 1, startedAt: 1_000_000, details: null },
    ])
    beat({ row: 1 })
    clock.advance(1_000)
    beat({ row: 2 })
    assert.deepEqual(drained(), [])
    clock.advance(4_000)
    assert.deepEqual(drained(), ['{"row":2}'])
    clock.advance(5_000)
    assert.deepEqual(drained(), [], 'nothing new')
  })

  it('of an attempt that failed between drains are drained all the same', async () => {
    const { runner, clock } = runnerOf([
      activity((_: unknown, { heartbeat }: ActivityContext) => {
        heartbeat(7)
        throw new Error('again')
      }),
    ])
    await outcomeOf(runner, taskOf('a', { settings }))
    assert.deepEqual(
      runner.drainAttempts(clock.now()).map(({ details }) => details),
      ['7'],
    )
  })

  it('with details that are not JSON throw at the call', async () => {
    const { runner } = runnerOf([
      activity((_: unknown, { heartbeat }: ActivityContext) => heartbeat({ socket: new Map() })),
    ])
    const outcome = await outcomeOf(runner, taskOf('a'))
    assert.ok(outcome.kind === 'failed')
    assert.match(outcome.error.message, /socket is an instance of Map/)
  })
})

describe('completeLater', () => {
  const key = { runId: 'r-1', activityId: 1 }
  const later = activity((_: unknown, { completeLater }: ActivityContext) => {
    completeLater()
    return 'dropped'
  })

  it('keeps the attempt open without a place until it is completed from elsewhere', async () => {
    const { runner } = runnerOf([later, { name: 'b', run: () => 1 }], { maxConcurrent: 1 })
    const outcome = outcomeOf(runner, taskOf('a'))
    assert.equal((await outcomeOf(runner, taskOf('b', { activityId: 2 }))).kind, 'completed')
    assert.deepEqual(runner.heartbeat(key, 'half'), { cancelRequested: false })
    assert.equal(runner.complete(key, { kind: 'completed', result: { paid: true } }), true)
    assert.deepEqual(await outcome, { kind: 'completed', startedAt: 1_000_000, result: { paid: true } })
    assert.equal(runner.complete(key, { kind: 'completed', result: 1 }), false)
    assert.equal(runner.heartbeat(key), null)
  })

  it('may fail, be canceled, and time out', async () => {
    for (const [end, kind] of [
      [
        (r: ReturnType<typeof runnerOf>) =>
          r.runner.complete(key, { kind: 'failed', error: new Error('no') }),
        'failed',
      ],
      [(r: ReturnType<typeof runnerOf>) => r.runner.complete(key, { kind: 'canceled' }), 'canceled'],
      [(r: ReturnType<typeof runnerOf>) => r.clock.advance(60_000), 'timedOut'],
    ] as const) {
      const made = runnerOf([later])
      const outcome = outcomeOf(made.runner, taskOf('a'))
      await settle()
      end(made)
      assert.equal((await outcome).kind, kind)
    }
  })

  it('cannot be done to an attempt that did not ask for it', async () => {
    const { runner } = runnerOf([activity(forever)])
    runner.dispatch(taskOf('a'), () => {})
    await settle()
    assert.equal(runner.complete(key, { kind: 'completed', result: 1 }), false)
  })
})

describe('stop', () => {
  it('waits for what runs, starts nothing more, and reports what ends in time', async () => {
    const ends = deferred<number>()
    let calls = 0
    const { runner } = runnerOf(
      [
        activity(() => {
          calls++
          return ends.promise
        }),
      ],
      { maxConcurrent: 1 },
    )
    const outcome = outcomeOf(runner, taskOf('a'))
    runner.dispatch(taskOf('a', { activityId: 2 }), () => assert.fail('was queued'))
    await settle()
    const stopped = runner.stop(10_000)
    runner.dispatch(taskOf('a', { activityId: 3 }), () => assert.fail('came too late'))
    ends.resolve(1)
    await stopped
    assert.equal((await outcome).kind, 'completed')
    assert.equal(calls, 1)
  })

  it('aborts after the grace and reports nothing of it', async () => {
    const reasons: unknown[] = []
    const { runner, clock } = runnerOf([
      activity(
        (_: unknown, { signal }: ActivityContext) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => {
              reasons.push(signal.reason)
              reject(signal.reason)
            }),
          ),
      ),
    ])
    runner.dispatch(taskOf('a'), () => assert.fail('another process runs it again'))
    await settle()
    const stopped = runner.stop(5_000)
    await settle()
    assert.equal(reasons.length, 0)
    clock.advance(5_000)
    await stopped
    await settle()
    assert.ok(reasons[0] instanceof Error)
    assert.equal(clock.pending, 0)
    await runner.stop(5_000)
  })

  it('of an idle runner is at once', async () => {
    const { runner, clock } = runnerOf([])
    await runner.stop(1_000_000)
    assert.equal(clock.pending, 0)
  })
})
