import assert from 'node:assert/strict'
import { parseActivitySettings } from '../../schema/settings.ts'

describe('settings of an activity', () => {
  it('are folded to milliseconds, key by key', () => {
    const raw = {
      startToCloseTimeout: '30s',
      heartbeatTimeout: 'PT10S',
      scheduleToStartTimeout: undefined,
      retry: {
        initialInterval: '2s',
        maximumAttempts: 5,
        jitter: 0.1,
        nonRetryableErrorTypes: ['A'],
        on: [{ errors: ['B*'], maximumAttempts: 0 }],
      },
    }
    assert.deepEqual(parseActivitySettings(raw), {
      settings: {
        startToCloseTimeoutMs: 30_000,
        heartbeatTimeoutMs: 10_000,
        retry: {
          initialIntervalMs: 2_000,
          maximumAttempts: 5,
          jitter: 0.1,
          nonRetryableErrorTypes: ['A'],
          on: [{ errors: ['B*'], maximumAttempts: 0 }],
        },
      },
    })
    assert.deepEqual(parseActivitySettings({ retry: false }), { settings: { retry: false } })
    assert.deepEqual(parseActivitySettings({}), { settings: {} })
  })

  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ startToCloseTimeout: 30 }, /startToCloseTimeout: a bare number.*30s/],
    [{ startToCloseTimeout: 'soon' }, /startToCloseTimeout: must be a duration/],
    [{ timeout: '5s' }, /timeout: unknown; known are startToCloseTimeout/],
    [{ retry: true }, /retry: must be false, or a map/],
    [{ retry: { maximumAttempts: 1.5 } }, /retry\.maximumAttempts: must be a whole number from 0/],
    [{ retry: { maximumAttempts: Number.NaN } }, /retry\.maximumAttempts/],
    [{ retry: { jitter: 2 } }, /retry\.jitter: must be a number from 0 to 1/],
    [{ retry: { backoffCoefficient: 0 } }, /retry\.backoffCoefficient/],
    [{ retry: { attempts: 2 } }, /retry\.attempts: unknown key/],
    [{ retry: { on: [{ maximumAttempts: 1 }] } }, /retry\.on\.0: needs errors/],
    [null, /must be a map/],
    [[], /must be a map/],
  ]
  for (const [raw, message] of wrong) {
    it(`refuses ${JSON.stringify(raw)}`, () => {
      const parsed = parseActivitySettings(raw)
      assert.ok('error' in parsed)
      assert.match(parsed.error, message)
    })
  }
})
