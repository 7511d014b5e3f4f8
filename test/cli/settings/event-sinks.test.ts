import assert from 'node:assert/strict'
import { checkEventSinks, eventSinks } from '../../../cli/settings/event-sinks.ts'
import { SettingsError } from '../../../cli/settings/problem.ts'
import { resolveSettings } from '../../../cli/settings/resolve.ts'
import { shownValue } from '../../../cli/settings/show.ts'
import { wholeSinks } from '../../../engine/event-sinks.ts'
import { TemporaryDirectory } from '../command.ts'

describe('the setting eventSinks', () => {
  const temporary = new TemporaryDirectory()
  after(() => temporary.remove())
  const whole = {
    url: 'https://audit.example.com/events',
    headers: { authorization: { secret: 'AUDIT', prefix: 'Bearer ' }, 'x-team': 'blue' },
    types: ['order.*'],
    timeout: '5s',
    retry: { maximumAttempts: 10, initialInterval: '500ms', maximumInterval: '5m' },
  }
  const expected = {
    name: 'audit',
    url: whole.url,
    headers: { authorization: 'Bearer s3cret', 'x-team': 'blue' },
    types: ['order.*'],
    timeoutMs: 5_000,
    maximumAttempts: 10,
    initialIntervalMs: 500,
    maximumIntervalMs: 300_000,
  }
  const environment = { PERDURE_SECRET_AUDIT: 's3cret' }

  it('is a map by name or a list with names; durations and secrets become what the engine takes', () => {
    for (const value of [{ audit: whole }, [{ name: 'audit', ...whole }]]) {
      assert.equal(checkEventSinks(value), null)
      assert.deepEqual(eventSinks(value, environment), [expected])
    }
    assert.deepEqual(eventSinks({ plain: { url: 'http://x' } }, {}), [{ name: 'plain', url: 'http://x' }])
    assert.deepEqual(eventSinks(undefined, {}), [])
    assert.equal(wholeSinks(eventSinks({ audit: whole }, environment)).length, 1)
  })

  it('names the secret that is not set, and where it is asked for', () => {
    assert.throws(
      () => eventSinks({ audit: whole }, { PERDURE_SECRET_AUDIT: 'two\nlines' }),
      /PERDURE_SECRET_AUDIT holds what no header can/,
    )
    assert.throws(
      () => eventSinks({ audit: whole }, {}),
      (error) => {
        assert.ok(error instanceof SettingsError)
        assert.deepEqual(error.problems, [
          {
            place: 'eventSinks.audit.headers.authorization',
            message: 'the secret AUDIT is not set',
            suggestion: 'set PERDURE_SECRET_AUDIT',
          },
        ])
        return true
      },
    )
  })

  it('says what a wrong sink must be, by its name and without its headers', () => {
    const url = 'http://x'
    const cases = [
      ['text', /a map of sinks by name/],
      [[{ url }], /a name of its own/],
      [
        [
          { name: 'a', url },
          { name: 'a', url },
        ],
        /a name of its own/,
      ],
      [{ a: 'http://x' }, /`a` is a map with the key `url`/],
      [{ a: {} }, /`a` has a url/],
      [{ a: { url: 'ftp://x' } }, /`a` has a url/],
      [{ a: { url, header: {} } }, /not header/],
      [{ a: { url, headers: { x: 1 } } }, /headers that are texts/],
      [{ a: { url, headers: { x: { secret: 'no-name' } } } }, /\{ secret: NAME \}/],
      [{ a: { url, headers: { 'bad name': 'x' } } }, /headers that are texts/],
      [{ a: { url, headers: { x: 'two\nlines' } } }, /headers that are texts/],
      [{ a: { url, types: 'order.*' } }, /a list of event types/],
      [{ a: { url, timeout: 5 } }, /a timeout such as/],
      [{ a: { url, timeout: '0s' } }, /a timeout such as/],
      [{ a: { url, retry: 3 } }, /a map as its retry/],
      [{ a: { url, retry: { attempts: 3 } } }, /not attempts/],
      [{ a: { url, retry: { maximumAttempts: 0 } } }, /maximumAttempts/],
      [{ a: { url, retry: { initialInterval: 1 } } }, /retry intervals/],
    ] as const
    for (const [value, message] of cases) {
      const wrong = checkEventSinks(JSON.parse(JSON.stringify(value)))
      assert.match(wrong ?? 'nothing is wrong', message, JSON.stringify(value))
    }
  })

  it('is read from the file and the environment, and shown without what stands in its headers', async () => {
    const file =
      'eventSinks:\n  audit: { url: "https://me:pass@x/y", headers: { x-team: blue, authorization: { secret: AUDIT } } }\n'
    const settings = await resolveSettings({
      directory: temporary.sub({ 'perdure.config.yaml': file }),
      environment: {},
      flags: new Map(),
    })
    const entry = settings.entries.get('eventSinks')
    assert.ok(entry)
    assert.deepEqual(shownValue(entry), {
      audit: {
        url: 'https://me:***@x/y',
        headers: { 'x-team': '***', authorization: { secret: 'AUDIT' } },
      },
    })
    const other = await resolveSettings({
      directory: temporary.sub(),
      environment: { PERDURE_EVENT_SINKS: '[{"name":"a","url":"http://x"}]' },
      flags: new Map(),
    })
    assert.deepEqual(eventSinks(other.get('eventSinks'), {}), [{ name: 'a', url: 'http://x' }])
  })
})
