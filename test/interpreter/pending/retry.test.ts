import assert from 'node:assert/strict'
import { matchesType } from '../../../interpreter/errors/error-patterns.ts'
import { workflowError } from '../../../interpreter/errors/fault.ts'
import { nextRetryDelayMs } from '../../../interpreter/pending/retry.ts'
import type { RetrySettings } from '../../../schema/plan.ts'

function delays(settings: RetrySettings | false, types: string[], random = () => 0.5): (number | null)[] {
  const failures: number[] = []
  return types.map((type) =>
    nextRetryDelayMs({
      settings,
      error: workflowError({ type, message: '' }),
      failures,
      retryAfterMs: undefined,
      random,
    }),
  )
}

describe('retry', () => {
  it('doubles from one second, up to a minute, three attempts by default', () => {
    assert.deepEqual(delays({}, ['E', 'E', 'E']), [1_000, 2_000, null])
    assert.deepEqual(
      delays({ maximumAttempts: 0 }, Array(8).fill('E')),
      [1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 60e3, 60e3],
    )
  })

  it('gives no pause to an interval of nothing, however many attempts there were', () => {
    const failures = [100_000]
    const settings: RetrySettings = { maximumAttempts: 0, initialIntervalMs: 0 }
    const error = workflowError({ type: 'E', message: '' })
    const delay = nextRetryDelayMs({ settings, error, failures, retryAfterMs: undefined, random: () => 0.5 })
    assert.equal(delay, 0)
  })

  it('spreads a delay by jitter either way, in whole milliseconds', () => {
    assert.deepEqual(
      delays({ jitter: 0.1 }, ['E'], () => 0),
      [900],
    )
    assert.deepEqual(
      delays({ jitter: 0.1 }, ['E'], () => 0.99999),
      [1_100],
    )
  })

  it('takes the first entry of `on` that matches, which inherits, and counts its own failures', () => {
    const settings: RetrySettings = {
      maximumAttempts: 2,
      on: [
        { errors: ['net.*'], maximumAttempts: 4, initialIntervalMs: 10 },
        { errors: ['Fatal'], maximumAttempts: 1 },
      ],
    }
    assert.deepEqual(delays(settings, ['net.Down', 'Other', 'net.Reset', 'net.Down', 'Other']), [
      10,
      1_000,
      20,
      40,
      null,
    ])
    assert.deepEqual(delays(settings, ['Fatal']), [null])
  })
})

describe('error patterns', () => {
  it('match exactly, or with * for any characters, and never Canceled unless it is named', () => {
    assert.ok(matchesType(undefined, 'Any') && matchesType(['*'], 'Any') && matchesType(['A'], 'A'))
    assert.ok(!matchesType(['A'], 'AB') && !matchesType([], 'A'))
    assert.ok(
      matchesType(['http.*'], 'http.429') &&
        matchesType(['*Down'], 'GatewayDown') &&
        matchesType(['a*b*c'], 'a-b-c'),
    )
    assert.ok(!matchesType(['a*b'], 'ab-c') && !matchesType(['ab*b'], 'ab'))
    assert.ok(
      !matchesType(undefined, 'Canceled') &&
        !matchesType(['*'], 'Canceled') &&
        matchesType(['Canceled'], 'Canceled'),
    )
  })
})
