/** Which definition a name and a range mean, and what is refused. */
import assert from 'node:assert/strict'
import { z } from 'zod'
import { notRegisteredText } from '../../activities/not-registered.ts'
import { createActivityRegistry } from '../../activities/registry.ts'
import { ActivitySetupError } from '../../activities/setup-error.ts'
import { parseActivitySettings } from '../../schema/settings.ts'

const run = () => null
const place = { module: './activities.ts', export: 'charge' }

function registryOf(...definitions: readonly object[]) {
  const registry = createActivityRegistry({ parseSettings: parseActivitySettings })
  definitions.forEach((definition, index) => {
    registry.register(definition, { module: './activities.ts', export: `default[${index}]` })
  })
  return registry
}

function refusal(definition: unknown, registry = registryOf()): ActivitySetupError {
  try {
    registry.register(definition, place)
  } catch (thrown) {
    if (thrown instanceof ActivitySetupError) return thrown
    throw thrown
  }
  return assert.fail('was taken')
}

describe('the version of an activity', () => {
  const versions = ['1.0.0', '2.1.0', '2.0.0', '3.0.0-beta.1'].map((version) => ({
    name: 'pay',
    version,
    run,
  }))
  const registry = registryOf(
    ...versions,
    { name: 'mail', run },
    { name: 'early', version: '1.0.0-rc.1', run },
  )

  it('without a range is the highest stable', () => {
    assert.equal(registry.find('pay')?.version, '2.1.0')
  })
  it('with a range is the highest in it, a pre-release only where the range asks for one', () => {
    assert.equal(registry.find('pay', '^1')?.version, '1.0.0')
    assert.equal(registry.find('pay', '>=1')?.version, '2.1.0')
    assert.equal(registry.find('pay', '>=3.0.0-beta')?.version, '3.0.0-beta.1')
    assert.equal(registry.find('pay', '^4'), null)
    assert.equal(registry.find('pay', 'no range'), null)
  })
  it('is not needed, and then matches no range', () => {
    assert.equal(registry.find('mail')?.name, 'mail')
    assert.equal(registry.find('mail', '*'), null)
  })
  it('is never a pre-release where none is asked for', () => {
    assert.equal(registry.find('early'), null)
    assert.equal(registry.find('early', '1.0.0-rc.1')?.version, '1.0.0-rc.1')
  })
  it('is named by what cannot be found', () => {
    const text = notRegisteredText('pay', '^4', registry.versions('pay'))
    assert.match(
      text,
      /no version in `\^4` of the activity `pay`.*there are 1\.0\.0, 2\.0\.0, 2\.1\.0, 3\.0\.0-beta\.1\)/,
    )
    assert.match(
      notRegisteredText('early', undefined, registry.versions('early')),
      /no stable version.*1\.0\.0-rc\.1/,
    )
    assert.match(
      notRegisteredText('nobody', '^1', registry.versions('nobody')),
      /no activity `nobody@\^1`.*--activities/,
    )
    assert.match(
      notRegisteredText('mail', '^1', registry.versions('mail')),
      /there are one without a version/,
    )
    const many = Array.from({ length: 15 }, (_, n) => `1.${n}.0`)
    assert.match(notRegisteredText('many', '^2', many), /there are 1\.5\.0, .*1\.14\.0 and 5 older/)
  })

  it('is chosen anew when another is registered', () => {
    const growing = registryOf({ name: 'pay', version: '1.0.0', run })
    assert.equal(growing.find('pay')?.version, '1.0.0')
    growing.register({ name: 'pay', version: '1.1.0', run }, place)
    assert.equal(growing.find('pay')?.version, '1.1.0')
    assert.deepEqual(
      growing.list().map(({ version }) => version),
      ['1.0.0', '1.1.0'],
    )
  })
})

describe('the settings of an activity', () => {
  it('are read as documents write them', () => {
    const registry = registryOf({
      name: 'pay',
      retry: { maximumAttempts: 5, initialInterval: '2s' },
      startToCloseTimeout: '30s',
      scheduleToStartTimeout: '1m',
      scheduleToCloseTimeout: '1h',
      heartbeatTimeout: 'PT10S',
      run,
    })
    assert.deepEqual(registry.find('pay')?.settings, {
      retry: { maximumAttempts: 5, initialIntervalMs: 2_000 },
      startToCloseTimeoutMs: 30_000,
      scheduleToStartTimeoutMs: 60_000,
      scheduleToCloseTimeoutMs: 3_600_000,
      heartbeatTimeoutMs: 10_000,
    })
  })
})

describe('what is refused names the module, the export and what to do', () => {
  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ['a number', 42, /not an activity/],
    ['no name', { run }, /no name; give `name`/],
    ['a name that no document can write', { name: 'pay money', run }, /"pay money" cannot be written/],
    ['no run', { name: 'pay' }, /"pay": `run` must be a function, not undefined/],
    ['run that is no function', { name: 'pay', run: 'x' }, /not a string/],
    [
      'a bad version',
      { name: 'pay', version: '1.0', run },
      /full semantic version such as 1\.0\.0, not "1\.0"/,
    ],
    [
      'a bad duration',
      { name: 'pay', startToCloseTimeout: '30 seconds', run },
      /startToCloseTimeout: .*duration/,
    ],
    ['a number as duration', { name: 'pay', heartbeatTimeout: 30, run }, /heartbeatTimeout: .*30s/],
    ['a bad retry', { name: 'pay', retry: { maximumAttempts: -1 }, run }, /retry\.maximumAttempts/],
    ['a limit of none', { name: 'pay', maxConcurrent: 0, run }, /whole number from 1, not 0/],
    [
      'a key that does not exist',
      { name: 'pay', startToCloseTimeoutMs: 5, run },
      /did you mean `startToCloseTimeout`/,
    ],
    ['a bad JSON Schema', { name: 'pay', input: { type: 'objekt' }, run }, /`input` is not a usable schema/],
    [
      'an unknown keyword',
      { name: 'pay', output: { requird: ['a'] }, run },
      /`output` is not a usable schema.*requird/,
    ],
    ['a schema that is none', { name: 'pay', input: 'string', run }, /`input` is not a usable schema/],
  ]
  for (const [name, definition, message] of wrong)
    it(name, () => {
      const error = refusal(definition)
      assert.equal(error.code, 'ActivityDefinitionInvalid')
      assert.match(error.message, message)
      assert.match(error.message, /^\.\/activities\.ts \(export charge\): /)
    })

  it('a second one of the same name and version, with both places', () => {
    const error = refusal(
      { name: 'pay', version: '1.0.0', run },
      registryOf({ name: 'pay', version: '1.0.0', run }),
    )
    assert.equal(error.code, 'ActivityDuplicate')
    assert.match(error.message, /"pay" version 1\.0\.0 is there twice: .*default\[0\].* and .*export charge/)
  })

  it('but the same object again is the same activity', () => {
    const definition = { name: 'pay', run }
    const registry = registryOf(definition)
    assert.equal(registry.register(definition, place), registry.find('pay'))
  })

  it('and schemas with the same $id do not meet', () => {
    const input = { $id: 'https://example.com/order', type: 'object' }
    assert.equal(
      registryOf({ name: 'a', input, run }, { name: 'b', input: { ...input }, run }).list().length,
      2,
    )
  })

  it('a class may have members of its own', () => {
    class Charge {
      readonly name = 'pay'
      readonly client = {}
      run() {
        return this.client
      }
    }
    assert.equal(registryOf(new Charge()).find('pay')?.name, 'pay')
  })

  it('a Standard Schema is taken', () => {
    assert.notEqual(registryOf({ name: 'a', input: z.object({}), run }).find('a')?.checkInput, null)
  })
})
