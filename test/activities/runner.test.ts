/** One attempt: its input, its result, what it throws, its one report. */
import assert from 'node:assert/strict'
import { ApplicationError } from '../../activities/application-error.ts'
import type { ActivityContext, ActivityDefinition } from '../../activities/contract.ts'
import { outcomeOf, runnerOf, settle, taskOf } from './attempts.ts'

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
    assert.match(outcome.error.message, /`nobody@\^2`.*--activities/)
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
