import assert from 'node:assert/strict'
import type { SettingKey } from '../../../cli/settings/catalogue.ts'
import { SettingsError } from '../../../cli/settings/problem.ts'
import { type FlagValues, resolveSettings } from '../../../cli/settings/resolve.ts'
import { maskUrl, shownValue } from '../../../cli/settings/show.ts'
import { TemporaryDirectory } from '../command.ts'

describe('settings', () => {
  const directory = new TemporaryDirectory()
  after(() => directory.remove())

  const resolve = (
    given: {
      files?: { [name: string]: string }
      environment?: { [name: string]: string }
      flags?: [SettingKey, string | readonly string[]][]
    } = {},
  ) =>
    resolveSettings({
      directory: directory.sub(given.files),
      environment: given.environment ?? {},
      flags: new Map(given.flags) satisfies FlagValues,
    })

  const problemsOf = async (given: Parameters<typeof resolve>[0]) => {
    try {
      await resolve(given)
    } catch (error) {
      assert.ok(error instanceof SettingsError, String(error))
      return error.problems
    }
    throw new Error('no problem was found')
  }

  it('a flag wins over the environment, that over the file, that over the default', async () => {
    const files = { 'perdure.config.yaml': 'port: 1\nhost: file\npoolSize: 5\n' }
    const environment = { PERDURE_PORT: '2', PERDURE_HOST: 'environment' }
    const effective = await resolve({ files, environment, flags: [['port', '3']] })
    assert.deepEqual(
      (['port', 'host', 'poolSize', 'dataDir'] as const).map((key) => [
        effective.get(key),
        effective.source(key),
      ]),
      [
        [3, { kind: 'flag', place: '--port' }],
        ['environment', { kind: 'environment', place: 'PERDURE_HOST' }],
        [5, { kind: 'file', place: 'perdure.config.yaml:3:1' }],
        ['.perdure', { kind: 'default', place: 'default' }],
      ],
    )
  })

  const contents = {
    'perdure.config.yaml': 'port: 7500\nlimits: { payloadBytes: 9 }\nretention: 2d\nactivities: ./a.ts\n',
    'perdure.config.json':
      '{ "port": 7500, "limits": { "payloadBytes": 9 }, "retention": "2d", "activities": ["./a.ts"] }',
    'perdure.config.ts':
      "const port: number = 7500\nexport default { port, limits: { payloadBytes: 9 }, retention: '2d', activities: './a.ts' }",
    'perdure.config.js':
      "export default { port: 7500, limits: { payloadBytes: 9 }, retention: '2d', activities: './a.ts' }",
  }
  for (const [name, text] of Object.entries(contents)) {
    it(`reads ${name}`, async () => {
      const effective = await resolve({ files: { [name]: text } })
      assert.equal(effective.file, name)
      assert.equal(effective.get('port'), 7500)
      assert.deepEqual(effective.limits(), { payloadBytes: 9 })
      assert.deepEqual(effective.get('retention'), { text: '2d', ms: 172_800_000 })
      assert.deepEqual(effective.get('activities'), ['./a.ts'])
    })
  }

  it('names an unknown key with its place and the nearest one, also inside a group', async () => {
    const yaml = '# settings\nport: 1\ndatabseUrl: x\nlimits:\n  payloadByte: 3\nwarp: 9\n'
    assert.deepEqual(await problemsOf({ files: { 'perdure.config.yaml': yaml } }), [
      {
        place: 'perdure.config.yaml:3:1',
        message: 'there is no setting `databseUrl`',
        suggestion: 'did you mean `databaseUrl`?',
      },
      {
        place: 'perdure.config.yaml:5:3',
        message: 'there is no setting `limits.payloadByte`',
        suggestion: 'did you mean `limits.payloadBytes`?',
      },
      {
        place: 'perdure.config.yaml:6:1',
        message: 'there is no setting `warp`',
        suggestion: '`perdure config` lists all settings',
      },
    ])
    const [problem] = await problemsOf({
      files: { 'perdure.config.ts': 'export default { limits: { x: 1 } }' },
    })
    assert.equal(problem?.place, 'perdure.config.ts (limits.x)')
  })

  it('warns of an unknown PERDURE_ variable and of no other', async () => {
    const environment = {
      PERDURE_DATABSE_URL: 'x',
      PERDURE_TEST_DATABASE_URL: 'x',
      PERDURE_DEBUG: '1',
      OTHER: '1',
    }
    const effective = await resolve({ environment })
    assert.deepEqual(effective.warnings, [
      {
        place: 'PERDURE_DATABSE_URL',
        message: 'this environment variable is not a setting',
        suggestion: 'did you mean PERDURE_DATABASE_URL?',
      },
    ])
  })

  it('says what a wrong value must be and where it stands, for every source at once', async () => {
    const problems = await problemsOf({
      files: {
        'perdure.config.yaml': 'port: "80"\nretention: 30\nlogLevel: loud\nactivities: [1]\nhost: null\n',
      },
      environment: {
        PERDURE_POOL_SIZE: 'many',
        PERDURE_PLUGINS: '{"mail":{"use":1}}',
        PERDURE_SERVER: 'localhost',
      },
      flags: [
        ['databaseUrl', 'mysql://user:hush@host/db'],
        ['limits.turnSteps', '0'],
      ],
    })
    const text = problems
      .map((problem) => `${problem.place}: ${problem.message}`)
      .sort()
      .join('\n')
    assert.equal(
      text,
      [
        '--database-url: `databaseUrl` must be a URL that begins with postgres:// or postgresql://, not another text',
        '--limits-turn-steps: `limits.turnSteps` must be a whole number from 1, not 0',
        'PERDURE_PLUGINS: `plugins.mail.use` must name a module',
        'PERDURE_POOL_SIZE: `poolSize` must be a whole number from 2 to 1000, not "many"',
        'PERDURE_SERVER: `server` must be a URL that begins with http:// or https://, not another text',
        'perdure.config.yaml:1:1: `port` must be a whole number from 0 to 65535, not "80"',
        'perdure.config.yaml:2:1: `retention` must be a duration such as "30s", "5m" or "7d", not 30',
        'perdure.config.yaml:3:1: `logLevel` must be one of silent, fatal, error, warn, info, debug, trace, not "loud"',
        'perdure.config.yaml:4:1: `activities` must be a text or a list of texts, not a list',
        'perdure.config.yaml:5:1: `host` must be a text, not nothing',
      ].join('\n'),
    )
  })

  it('checks API keys without repeating them', async () => {
    const bad = [
      { entry: '[{ name: a, key: hush-hush }]', wrong: /roles/ },
      { entry: '[{ name: a, key: hush-hush, roles: [boss] }]', wrong: /reader, operator/ },
      { entry: '[{ name: a, hash: hush-hush, roles: [admin] }]', wrong: /SHA-256/ },
      { entry: '[{ name: a, key: hush-hush, roles: [admin], namespaces: all }]', wrong: /namespaces/ },
      { entry: '[{ name: a, key: hush-hush, role: admin }]', wrong: /`keys\[0\]\.role` is unknown/ },
      { entry: '{ a: hush-hush }', wrong: /a list of keys/ },
    ]
    for (const { entry, wrong } of bad) {
      const [problem] = await problemsOf({ files: { 'perdure.config.yaml': `keys: ${entry}\n` } })
      assert.match(problem?.message ?? '', wrong)
      assert.doesNotMatch(JSON.stringify(problem), /hush/)
    }
    const good = await resolve({
      files: { 'perdure.config.yaml': 'keys: [{ name: a, key: k, roles: [admin] }]\n' },
    })
    assert.deepEqual(good.get('keys'), [{ name: 'a', key: 'k', roles: ['admin'] }])
  })

  it('says "not supported yet" of settings that are planned', async () => {
    const [problem] = await problemsOf({ environment: { PERDURE_ISSUER: 'https://id.example.com' } })
    assert.deepEqual(problem, { place: 'PERDURE_ISSUER', message: '`issuer` is not supported yet' })
  })

  it('refuses a file that is broken, not a map, one of two, or misnamed', async () => {
    const cases = [
      { files: { 'perdure.config.yaml': 'a: [' }, place: /^perdure\.config\.yaml:1:\d+$/, message: /./ },
      {
        files: { 'perdure.config.yaml': 'port: 1\nport: 2\n' },
        place: /^perdure\.config\.yaml:2:1$/,
        message: /unique/,
      },
      {
        files: { 'perdure.config.json': 'port: 1' },
        place: /^perdure\.config\.json/,
        message: /not valid JSON/,
      },
      { files: { 'perdure.config.yaml': '- 1' }, place: /^perdure\.config\.yaml$/, message: /must be a map/ },
      { files: { 'perdure.config.ts': 'export const a = 1' }, place: /\.ts$/, message: /no default export/ },
      { files: { 'perdure.config.js': 'throw new Error("boom")' }, place: /\.js$/, message: /boom/ },
      { files: { 'perdure.config.yml': 'port: 1' }, place: /\.yml$/, message: /is not read/ },
      {
        files: { 'perdure.config.yaml': 'port: 1', 'perdure.config.json': '{}' },
        place: /yaml, perdure/,
        message: /more than one/,
      },
    ]
    for (const { files, place, message } of cases) {
      const [problem] = await problemsOf({ files })
      assert.match(problem?.place ?? '', place)
      assert.match(problem?.message ?? '', message)
    }
  })

  it('takes an empty file, an empty variable and the conventional paths', async () => {
    const effective = await resolve({
      files: {
        'perdure.config.yaml': '# nothing yet\n',
        'activities/index.ts': '',
        'definitions/a.yaml': '',
      },
      environment: { PERDURE_PORT: '' },
    })
    assert.equal(effective.get('port'), 7400)
    assert.equal(effective.get('definitions'), 'definitions')
    assert.deepEqual(effective.get('activities'), ['activities/index.ts'])
    const bare = await resolve()
    assert.equal(bare.get('definitions'), undefined)
    assert.equal(bare.get('activities'), undefined)
  })

  it('reads lists and maps from the environment', async () => {
    const effective = await resolve({
      environment: { PERDURE_ACTIVITIES: 'a.ts, b.js', PERDURE_PLUGINS: '{"mail":{"use":"./mail.ts"}}' },
    })
    assert.deepEqual(effective.get('activities'), ['a.ts', 'b.js'])
    assert.deepEqual(effective.get('plugins'), { mail: { use: './mail.ts' } })
  })

  it('masks secrets, passwords in URLs, and what looks like a secret in the section of a plugin', async () => {
    const effective = await resolve({
      environment: {
        PERDURE_API_KEY: 'hush',
        PERDURE_DATABASE_URL: 'postgres://me:hush@host:5432/db?sslpassword=hush&x=1',
        PERDURE_PLUGINS: JSON.stringify({
          mail: {
            use: './m.ts',
            password: 'hush',
            smtp: 'smtp://u:hush@h',
            nested: [{ apiToken: 'hush', name: 'n' }],
          },
        }),
      },
    })
    const shown = [...effective.entries.values()].map((entry) => [entry.key, shownValue(entry)])
    assert.doesNotMatch(JSON.stringify(shown), /hush/)
    const values = Object.fromEntries(shown)
    assert.equal(values['apiKey'], '***')
    assert.equal(values['databaseUrl'], 'postgres://me:***@host:5432/db?sslpassword=***&x=1')
    assert.deepEqual(values['plugins'], {
      mail: {
        use: './m.ts',
        password: '***',
        smtp: 'smtp://u:***@h',
        nested: [{ apiToken: '***', name: 'n' }],
      },
    })
    assert.equal(maskUrl('postgres://me@host/db'), 'postgres://me@host/db')
    assert.equal(maskUrl('postgres://me:pa ss@ho st:x/db'), '***')
  })
})
