import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { defaultMaxConcurrent } from '../../../activities/limits.ts'
import { type SettingKey, settings } from '../../../cli/settings/catalogue.ts'
import { environmentName, flagName, optionName } from '../../../cli/settings/names.ts'
import { settingsReference } from '../../../cli/settings/reference.ts'
import { resolveSettings } from '../../../cli/settings/resolve.ts'
import { defaultEngineSettings } from '../../../engine/settings.ts'
import { defaultLimits } from '../../../schema/limits.ts'
import { defaultServerLimits } from '../../../server/settings.ts'

describe('the names of settings', () => {
  it('are one name in three spellings', () => {
    assert.equal(environmentName('limits.payloadBytes'), 'PERDURE_LIMITS_PAYLOAD_BYTES')
    assert.equal(flagName('limits.payloadBytes'), '--limits-payload-bytes')
    assert.equal(optionName('limits.payloadBytes'), 'limitsPayloadBytes')
    assert.equal(environmentName('databaseUrl'), 'PERDURE_DATABASE_URL')
    assert.equal(flagName('apiKey'), '--api-key')
  })

  it('are different in each spelling', () => {
    const keys = [...settings.keys()]
    assert.ok(keys.length > 20)
    assert.equal(new Set(keys.map(environmentName)).size, keys.length)
    assert.equal(new Set(keys.map(optionName)).size, keys.length)
  })
})

describe('docs/settings.md', () => {
  it('is what the catalogue says (PERDURE_TEST_UPDATE=1 rewrites it)', () => {
    const file = new URL('../../../docs/settings.md', import.meta.url)
    if (process.env['PERDURE_TEST_UPDATE'] === '1') writeFileSync(file, settingsReference())
    assert.equal(readFileSync(file, 'utf8'), settingsReference())
  })
})

describe('the defaults of settings', () => {
  it('are those of what they set', async () => {
    const effective = await resolveSettings({ flags: new Map(), environment: {}, directory: '/nonexistent' })
    assert.deepEqual(
      {
        maxLoadedRuns: effective.get('maxLoadedRuns'),
        leaseTtlMs: effective.get('leaseTtl').ms,
        pollIntervalMs: effective.get('pollInterval').ms,
        retentionDays: effective.get('retention').ms / 86_400_000,
        stopGraceMs: effective.get('shutdownGrace').ms,
      },
      {
        maxLoadedRuns: defaultEngineSettings.maxLoadedRuns,
        leaseTtlMs: defaultEngineSettings.leaseTtlMs,
        pollIntervalMs: defaultEngineSettings.pollIntervalMs,
        retentionDays: defaultEngineSettings.retentionDays,
        stopGraceMs: defaultEngineSettings.stopGraceMs,
      },
    )
    assert.equal(effective.get('maxConcurrentActivities'), defaultMaxConcurrent)
    assert.equal(effective.get('limits.payloadBytes'), defaultLimits.payloadBytes)
    assert.equal(effective.get('bodyBytes') ?? 2 * defaultLimits.payloadBytes, defaultServerLimits.bodyBytes)
    assert.equal(effective.get('bodyNesting'), defaultServerLimits.bodyNesting)
    assert.equal(effective.get('drainNotice').ms, defaultServerLimits.drainNoticeMs)
  })

  it('has every limit of the language, each settable in all three spellings', async () => {
    for (const name of Object.keys(defaultLimits)) {
      const key = `limits.${name}` as SettingKey
      assert.ok(settings.has(key), key)
      const byVariable = await resolveSettings({
        flags: new Map(),
        environment: { [environmentName(key)]: '77' },
        directory: '/nonexistent',
      })
      assert.deepEqual(byVariable.limits(), { [name]: 77 })
      const byFlag = await resolveSettings({
        flags: new Map([[key, '78']]),
        environment: { [environmentName(key)]: '77' },
        directory: '/nonexistent',
      })
      assert.deepEqual(byFlag.limits(), { [name]: 78 })
    }
  })
})
