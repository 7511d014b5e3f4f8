/** The life of an attempt: one report, limits, fairness, timeouts, cancellation, heartbeats, stop. */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { ApplicationError } from '../../activities/application-error.ts'
import type { ActivityContext, ActivityDefinition, AttemptOutcome } from '../../activities/contract.ts'
import { deferred, outcomeOf, runnerOf, settle, taskOf } from './attempts.ts'

function activity(
  run: ActivityDefinition['run'],
  more: Partial<ActivityDefinition> = {},
): ActivityDefinition {
  return { name: 'a', run, ...more }
}

const forever = () => new Promise<never>(() => {})

describe('an attempt', () => {
  it('gets its input and completes with what run returned', async () => {
    const { runner, clock } = runnerOf([activity((input: { n: number }) => ({ doubled: input.n * 2 }))])
    assert.deepEqual(await outcomeOf(runner, taskOf('a', { input: { n: 21 } })), {
      kind: 'completed',
      startedAt: clock.now(),
      result: { doubled: 42 },
    })
  })

  it('never reports inside dispatch', async () => {
    const { runner } = runnerOf([activity(() => 1)])
    let reported = false
    runner.dispatch(taskOf('a'), () => {
      reported = true
    })
    assert.equal(reported, false)
    await settle()
    assert.equal(reported, true)
  })

  it('records undefined as null', async () => {
    const { runner } = runnerOf([activity(async () => undefined)])
    const outcome = await outcomeOf(runner, taskOf('a'))
    assert.ok(outcome.kind === 'completed')
    assert.equal(outcome.result, null)
  })

  it('may change its input and its result without changing what others hold', async () => {
    const kept: { items: number[] } = { items: [1] }
    const { runner } = runnerOf([
      activity((input: { list: number[] }) => {
        input.list.push(4)
        return kept
      }),
    ])
    const input = { list: [1, 2, 3] }
    const outcome = await outcomeOf(runner, taskOf('a', { input }))
    kept.items.push(2)
    assert.deepEqual(input, { list: [1, 2, 3] })
    assert.ok(outcome.kind === 'completed')
    assert.deepEqual(outcome.result, { items: [1] })
  })

  it('sees its address, and the same idempotency key on every attempt', async () => {
    const seen: unknown[] = []
    const { runner } = runnerOf([
      activity((_: unknown, { info, idempotencyKey }: ActivityContext) => {
        seen.push({ ...info, idempotencyKey })
      }),
    ])
    await outcomeOf(runner, taskOf('a', { attempt: 1 }))
    await outcomeOf(runner, taskOf('a', { attempt: 2 }))
    const address = {
      namespace: 'default',
      workflowId: 'w-1',
      runId: 'r-1',
      workflow: 'orders',
      version: '1.0.0',
      activity: 'a',
      activityId: 1,
      step: 'charge',
      path: 'charge',
      taskQueue: 'default',
      scheduledAt: new Date(999_000),
      startedAt: new Date(1_000_000),
      idempotencyKey: 'r-1/1',
    }
    assert.deepEqual(seen, [
      { ...address, attempt: 1 },
      { ...address, attempt: 2 },
    ])
  })

  it('of an activity that is not registered fails for good and says what to do', async () => {
    const { runner } = runnerOf([])
    const outcome = await outcomeOf(runner, taskOf('nobody', { versionRange: '^2' }))
    assert.ok(outcome.kind === 'failed')
    assert.equal(outcome.error.type, 'ActivityNotRegistered')
    assert.equal(outcome.error.retryable, false)
    assert.match(outcome.error.message, /"nobody@\^2".*--activities/)
  })

  it('dispatched twice runs once', async () => {
    let calls = 0
    const { runner } = runnerOf([
      activity(() => {
        calls++
        return forever()
      }),
    ])
    runner.dispatch(taskOf('a'), () => {})
    runner.dispatch(taskOf('a'), () => {})
    await settle()
    runner.dispatch(taskOf('a'), () => {})
    await settle()
    assert.equal(calls, 1)
  })

  it('whose report throws harms no other', async () => {
    const errors: string[] = []
    const { runner } = runnerOf([activity(() => 1)], {
      log: { info() {}, warn() {}, error: (message) => errors.push(message) },
    })
    runner.dispatch(taskOf('a'), () => {
      throw new Error('engine')
    })
    runner.dispatch(taskOf('nobody', { activityId: 3 }), () => {
      throw new Error('engine')
    })
    assert.equal((await outcomeOf(runner, taskOf('a', { activityId: 2 }))).kind, 'completed')
    assert.equal(errors.length, 2)
  })
})

describe('what an attempt throws', () => {
  async function failure(run: ActivityDefinition['run']) {
    const { runner } = runnerOf([activity(run)])
    const outcome = await outcomeOf(runner, taskOf('a'))
    assert.ok(outcome.kind === 'failed', outcome.kind)
    return outcome
  }

  it('as ApplicationError keeps type, details, retryable and the delay', async () => {
    const outcome = await failure(() => {
      throw new ApplicationError('card declined', {
        type: 'CardDeclined',
        retryable: false,
        details: { code: 51 },
        retryAfterMs: 1500,
        cause: new RangeError('limit'),
      })
    })
    assert.equal(outcome.retryAfterMs, 1500)
    assert.deepEqual(
      { ...outcome.error, cause: outcome.error.cause?.type },
      {
        type: 'CardDeclined',
        message: 'card declined',
        details: { code: 51 },
        retryable: false,
        cause: 'RangeError',
      },
    )
  })

  it('as any other error has its name, or that of its class, as type, and may be retried', async () => {
    class SoldOut extends Error {}
    const own = await failure(async () => {
      throw new SoldOut('none left')
    })
    assert.deepEqual(own.error, { type: 'SoldOut', message: 'none left', retryable: true })
    const builtIn = await failure(() => {
      throw new TypeError('x is not a function')
    })
    assert.equal(builtIn.error.type, 'TypeError')
  })

  it('that is not an error is shown', async () => {
    const thrown = (value: unknown) => () => {
      throw value
    }
    assert.equal((await failure(thrown('no'))).error.message, 'thrown: no')
    assert.equal((await failure(thrown({ a: 1 }))).error.message, 'thrown: {"a":1}')
    assert.equal((await failure(thrown(undefined))).error.message, 'thrown: null')
    assert.equal((await failure(() => Promise.reject(null))).error.type, 'Error')
  })

  it('is recorded even where it cannot be read, or no database could hold its text', async () => {
    const hostile = new Error('x')
    Object.defineProperty(hostile, 'message', {
      get() {
        throw new Error('no')
      },
    })
    const unreadable = await failure(() => {
      throw hostile
    })
    assert.match(unreadable.error.message, /cannot be read/)
    const binary = await failure(() => {
      throw new Error(`a\0b\uD800c${'x'.repeat(100_000)}`)
    })
    assert.ok(binary.error.message.startsWith('a\uFFFDb\uFFFDc'))
    assert.ok(binary.error.message.length < 10_000)
    const details = await failure(() => {
      throw new ApplicationError('x', { details: { f() {} } })
    })
    assert.match(JSON.stringify(details.error.details), /notRecorded.*function/)
  })
})

describe('a result that cannot be recorded', () => {
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    ['a function inside', { a: [() => 1] }, /a\[0\] is a function/],
    ['NaN', { a: { b: Number.NaN } }, /a\.b is NaN/],
    ['a bigint', 1n, /bigint/],
    ['a map', { m: new Map() }, /m is an instance of Map/],
    ['a cycle', cyclic, /refer to itself/],
    [
      'a throwing getter',
      Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw new Error('getter')
        },
      }),
      /getter/,
    ],
    [
      'a throwing then',
      Object.defineProperty({}, 'then', {
        enumerable: true,
        get: () => {
          throw new Error('then')
        },
      }),
      /then/,
    ],
  ]
  for (const [name, value, message] of cases)
    it(`fails the attempt: ${name}`, async () => {
      const { runner } = runnerOf([activity(() => value)])
      const outcome = await outcomeOf(runner, taskOf('a'))
      assert.ok(outcome.kind === 'failed')
      assert.match(outcome.error.message, message)
      if (name !== 'a throwing then') {
        assert.equal(outcome.error.type, 'ActivityOutputInvalid')
        assert.equal(outcome.error.retryable, false)
      }
    })

  it('fails where the language has a limit, and names it', async () => {
    for (const [value, message] of [
      [{ a: [2 ** 60] }, /^the result of activity "a" cannot be recorded: \/a\/0: .*2\^53/],
      ['x'.repeat(3 * 1024 * 1024), /payloadBytes/],
      ['a\0b', /U\+0000/],
    ] as const) {
      const { runner } = runnerOf([activity(() => value)])
      const outcome = await outcomeOf(runner, taskOf('a'))
      assert.ok(outcome.kind === 'failed')
      assert.match(outcome.error.message, message)
    }
  })

  it('dates and other values with toJSON are recorded as JSON writes them', async () => {
    const { runner } = runnerOf([activity(() => ({ at: new Date(0), gone: undefined, __proto__: null }))])
    const outcome = await outcomeOf(runner, taskOf('a'))
    assert.ok(outcome.kind === 'completed')
    assert.deepEqual(outcome.result, { at: '1970-01-01T00:00:00.000Z' })
  })
})

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
