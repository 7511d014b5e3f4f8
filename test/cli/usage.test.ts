import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { separateModules } from '../../cli/arguments.ts'
import { forEachCase, perdure, perdureProcess, TemporaryDirectory } from './command.ts'

describe('perdure, as a whole', function () {
  this.timeout(60_000)
  const directory = new TemporaryDirectory()
  after(() => directory.remove())

  const contract =
    'run validate test diff graph types init serve worker deploy definitions rollout migrate start list show history signal query update cancel terminate pause resume reset result why schedule tasks batch dev config'

  it('--help names every command of the contract', async () => {
    const { code, stdout } = await perdure(['--help'])
    assert.equal(code, 0)
    for (const name of contract.split(' ')) assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'))
  })

  it('--version is the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    const { code, stdout } = await perdure(['--version'])
    assert.deepEqual([code, stdout], [0, `${version}\n`])
  })

  it('bad usage exits 2 and says what was meant', async () => {
    const cases = [
      { args: ['strat'], message: /unknown command 'strat'[\s\S]*Did you mean start\?/ },
      { args: ['validate', '--jsn', 'x'], message: /unknown option '--jsn'[\s\S]*Did you mean --json\?/ },
      { args: ['run'], message: /missing required argument 'FILE'/ },
      { args: ['show', ''], message: /must not be empty/ },
      { args: ['show', 'a', 'b'], message: /too many arguments/ },
      { args: ['run', 'x.yaml', '--id'], message: /option '--id <ID>' argument missing/ },
      { args: [], message: /Usage: perdure/ },
    ]
    await forEachCase(cases, async ({ args, message }) => {
      const { code, stdout, stderr } = await perdure(args)
      assert.deepEqual([args, code, stdout], [args, 2, ''])
      assert.match(stderr, message)
      assert.doesNotMatch(stderr, /\n\s+at /, 'a stack trace')
    })
    const { code, stdout } = await perdure(['show', '--json'])
    assert.equal(code, 2)
    assert.equal(JSON.parse(stdout).error.code, 'UsageInvalid')
  })

  it('--json gives bad usage as one value', async () => {
    const { code, stdout } = await perdure(['bogus', '--json'])
    assert.equal(code, 2)
    assert.deepEqual(JSON.parse(stdout), {
      error: { code: 'UsageInvalid', message: "unknown command 'bogus'" },
    })
  })

  it('what is planned says so and exits 2', async () => {
    for (const args of [['diff', 'a', 'b'], ['schedule', 'create', '--x', '1'], ['dev']]) {
      const { code, stderr } = await perdure(args)
      assert.equal(code, 2)
      assert.match(stderr, new RegExp(`perdure ${args[0]} is not supported yet`))
    }
  })

  it('tells wrong settings at once, with their places, and as JSON', async () => {
    const below = directory.sub({ 'perdure.config.yaml': 'databseUrl: x\n' })
    const { code, stdout, stderr } = await perdure(['config', '--port', 'many', '--json'], {
      directory: below,
    })
    assert.equal(code, 2)
    assert.match(
      stderr,
      /perdure\.config\.yaml:1:1: there is no setting `databseUrl`; did you mean `databaseUrl`\?/,
    )
    assert.match(stderr, /--port: `port` must be a whole number from 0 to 65535, not "many"/)
    assert.equal(JSON.parse(stdout).error.code, 'SettingsInvalid')
  })

  it('config prints values and sources, secrets masked, warnings on standard error', async () => {
    const below = directory.sub({ 'perdure.config.yaml': 'port: 7500\n' })
    const environment = {
      PERDURE_API_KEY: 'hush',
      PERDURE_DATABASE_URL: 'postgres://me:hush@h/d',
      PERDURE_PRT: '1',
    }
    const options = { directory: below, environment }
    const human = await perdure(['config', '--limits-payload-bytes', '9'], options)
    assert.equal(human.code, 0)
    assert.match(human.stdout, /^port +7500 +perdure\.config\.yaml:1:1$/m)
    assert.match(human.stdout, /^databaseUrl +postgres:\/\/me:\*\*\*@h\/d +PERDURE_DATABASE_URL$/m)
    assert.match(human.stdout, /^limits\.payloadBytes +9 +--limits-payload-bytes$/m)
    assert.match(human.stdout, /^host +127\.0\.0\.1 +default$/m)
    assert.doesNotMatch(human.stdout, /hush/)
    assert.match(human.stderr, /warning: PERDURE_PRT: .*did you mean PERDURE_PORT\?/)
    const json = JSON.parse((await perdure(['config', '--json'], options)).stdout)
    assert.equal(json.file, 'perdure.config.yaml')
    assert.deepEqual(json.settings.port, { value: 7500, source: 'file', place: 'perdure.config.yaml:1:1' })
    assert.deepEqual(json.settings.apiKey, { value: '***', source: 'environment', place: 'PERDURE_API_KEY' })
  })

  it('has no colours where it does not write to a terminal', async () => {
    const { stdout } = await perdureProcess(['config'])
    assert.equal(stdout.includes('\u001b'), false)
  })
})

describe('modules before the document', () => {
  it('are told apart from it', () => {
    const cases: [string, string][] = [
      [
        'run --activities a.ts b.js order.yaml --json',
        'run --activities=a.ts --activities=b.js order.yaml --json',
      ],
      ['run order.yaml --activities a.ts', 'run order.yaml --activities=a.ts'],
      ['run --activities pkg --id 1 o.json', 'run --activities=pkg --id 1 o.json'],
      ['run o.yaml --activities', 'run o.yaml --activities'],
      ['run -- --activities a.ts', 'run -- --activities a.ts'],
    ]
    for (const [given, wanted] of cases) assert.equal(separateModules(given.split(' ')).join(' '), wanted)
  })
})
