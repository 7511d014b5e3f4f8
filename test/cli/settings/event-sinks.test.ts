import assert from 'node:assert/strict'
import { checkEventSinks, eventSinks } from '../../../cli/settings/event-sinks.ts'
import { SettingsError } from '../../../cli/settings/problem.ts'
import { resolveSettings } from '../../../cli/settings/resolve.ts'
import { shownValue } from '../../../cli/settings/show.ts'
import { wholeSinks } from '../../../engine/outbox/event-sinks.ts'
import type { Json } from '../../../schema/json.ts'
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

  it('says what is wrong, where below its key, and what to write; never what a header holds', () => {
    const url = 'http://x'
    const hush = 'hush-hush'
    const cases: readonly (readonly [value: Json, path: string, message: RegExp, suggestion?: RegExp])[] = [
      ['text', '', /must be a map of sinks by name/],
      [[{ url }], '0.name', /no other sink/],
      [
        [
          { name: 'a', url },
          { name: 'a', url },
        ],
        '1.name',
        /no other sink/,
      ],
      [{ a: 'http://x' }, 'a', /must be a map with the key `url`/],
      [{ a: {} }, 'a.url', /http:\/\/ or https:\/\//],
      [{ a: { url: 'ftp://x' } }, 'a.url', /http:\/\/ or https:\/\//],
      [{ a: { url: `http://me:${hush}@x` } }, 'a.url', /no user and password/, /authorization/],
      [{ a: { url, header: { x: hush } } }, 'a.header', /is unknown/, /did you mean `headers`/],
      [{ a: { url, headers: hush } }, 'a.headers', /must be a map/],
      [{ a: { url, headers: { x: 1 } } }, 'a.headers.x', /must be a text/],
      [{ a: { url, headers: { x: { secret: 'no-name' } } } }, 'a.headers.x', /\{ secret: NAME \}/],
      [{ a: { url, headers: { x: { secrt: 'A' } } } }, 'a.headers.x', /\{ secret: NAME \}/],
      [{ a: { url, headers: { 'bad name': hush } } }, 'a.headers.bad name', /no name that a header can have/],
      [{ a: { url, headers: { x: `${hush}\nlines` } } }, 'a.headers.x', /one line/],
      [{ a: { url, types: 'order.*' } }, 'a.types', /must be a list of event types/],
      [{ a: { url, timeout: 5 } }, 'a.timeout', /must be a duration/],
      [{ a: { url, timeout: '0s' } }, 'a.timeout', /must be a duration/],
      [{ a: { url, retry: 3 } }, 'a.retry', /must be a map/],
      [{ a: { url, retry: { attempts: 3 } } }, 'a.retry.attempts', /is unknown/, /maximumAttempts/],
      [{ a: { url, retry: { maximumAttempts: 0 } } }, 'a.retry.maximumAttempts', /a whole number from 1/],
      [{ a: { url, retry: { initialInterval: 1 } } }, 'a.retry.initialInterval', /must be a duration/],
      [{ a: { url, retry: { maximumInterval: 'x' } } }, 'a.retry.maximumInterval', /must be a duration/],
    ]
    for (const [value, path, message, suggestion] of cases) {
      const wrong = checkEventSinks(value)
      assert.ok(wrong, JSON.stringify(value))
      assert.equal(wrong.path.join('.'), path)
      assert.match(wrong.message, message)
      if (suggestion !== undefined) assert.match(wrong.suggestion ?? '', suggestion)
      assert.doesNotMatch(JSON.stringify(wrong), /hush/)
    }
  })

  it('names the line of what is wrong in a file, also where it is missing', async () => {
    const cases = [
      ['eventSinks:\n  a:\n    url: http://x\n    urll: y\n', '4:5', '`eventSinks.a.urll` is unknown'],
      [
        'eventSinks:\n  a:\n    types: [x]\n',
        '2:3',
        '`eventSinks.a.url` must be a URL that begins with http:// or https://',
      ],
      ['eventSinks:\n- url: http://x\n', '2:3', '`eventSinks[0].name` must be a text that no other sink has'],
      [
        'eventSinks: { a: { url: http://x, retry: { maximumAttempts: 0 } } }',
        '1:44',
        '`eventSinks.a.retry.maximumAttempts` must be a whole number from 1',
      ],
    ] as const
    for (const [text, place, message] of cases) {
      const read = resolveSettings({
        directory: temporary.sub({ 'perdure.config.yaml': text }),
        environment: {},
        flags: new Map(),
      })
      await assert.rejects(read, (error) => {
        assert.ok(error instanceof SettingsError)
        assert.equal(error.problems[0]?.place, `perdure.config.yaml:${place}`)
        assert.equal(error.problems[0]?.message, message)
        return true
      })
    }
  })

  it('is read from the file and the environment, and shown without what stands in its headers', async () => {
    const file =
      'eventSinks:\n  audit: { url: "https://x/y?key=hush", headers: { x-team: blue, authorization: { secret: AUDIT } } }\n'
    const settings = await resolveSettings({
      directory: temporary.sub({ 'perdure.config.yaml': file }),
      environment: {},
      flags: new Map(),
    })
    const entry = settings.entries.get('eventSinks')
    assert.ok(entry)
    assert.deepEqual(shownValue(entry), {
      audit: {
        url: 'https://x/y?key=***',
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
