import assert from 'node:assert/strict'
import { forEachCase, perdure, perdureProcess, startPerdure, TemporaryDirectory } from './command.ts'
import { activities, approval, broken, failing, greeting, patient, stubborn } from './documents.ts'

describe('perdure run, in memory', function () {
  this.timeout(60_000)
  const temporary = new TemporaryDirectory()
  after(() => temporary.remove())
  const directory = temporary.sub({
    'activities.ts': activities,
    'approval.yaml': approval,
    'broken.yaml': broken,
    'failing.yaml': failing,
    'greeting.yaml': greeting,
    'patient.yaml': patient,
    'stubborn.yaml': stubborn,
    'input.json': '{ "name": "Grace" }',
  })
  const run = (args: readonly string[], stdin = '') => perdure(['run', ...args], { directory, stdin })
  const runProcess = (args: readonly string[], stdin = '') =>
    perdureProcess(['run', ...args], { directory, stdin })

  it('prints the result on standard output and each step with what it took on standard error', async () => {
    const { code, stdout, stderr } = await runProcess([
      'greeting.yaml',
      '--activities',
      'activities.ts',
      '--set',
      'name=Ada',
    ])
    assert.equal(code, 0, stderr)
    assert.equal(stdout, '"Hello, Ada!"\n')
    assert.match(stderr, /^greeting@1\.0\.0 {2}id [0-9a-f-]{36}, in memory$/m)
    assert.match(stderr, /^ +\+\d+\.\d{3}s ✓ greet {2}greetings\.greet took \S+ m?s$/m)
    assert.match(stderr, /^closed in .*; 1 activity attempt$/m)
    assert.equal(stderr.includes('\u001b'), false)
  })

  it('takes the input from a file and from standard input', async () => {
    const modules = ['--activities', 'activities.ts']
    assert.equal(
      (await run(['greeting.yaml', '--input', '@input.json', ...modules])).stdout,
      '"Hello, Grace!"\n',
    )
    const piped = await runProcess(
      ['greeting.yaml', '--input', '-', '--set', 'name=Joan', ...modules],
      '{"name":"Alan"}',
    )
    assert.equal(piped.stdout, '"Hello, Joan!"\n')
  })

  it('shows retries with their reason and delay', async () => {
    const { code, stdout, stderr } = await run(['--activities', 'activities.ts', 'stubborn.yaml'])
    assert.equal(code, 0, stderr)
    assert.deepEqual(JSON.parse(stdout), { opened: 3 })
    assert.match(
      stderr,
      /↻ knock {2}doors\.knock failed after \S+ m?s, attempt 1: \w+: nobody is there; tried again in 20 ms/,
    )
    assert.match(stderr, /✓ knock {2}doors\.knock took \S+ m?s, attempt 3/)
    assert.match(stderr, /3 activity attempts, 2 of them after a failure/)
  })

  it('exits 1 when it failed, with the error and its place; --json gives the outcome', async () => {
    const human = await run(['failing.yaml'])
    assert.deepEqual([human.code, human.stdout], [1, ''])
    assert.match(human.stderr, /failed: Broken: it broke/)
    assert.match(human.stderr, /in failing\.yaml:5/)
    const { code, stdout } = await run(['failing.yaml', '--json', '--id', 'f-1'])
    assert.equal(code, 1)
    const outcome = JSON.parse(stdout)
    assert.deepEqual([outcome.workflowId, outcome.status, outcome.error.type], ['f-1', 'failed', 'Broken'])
  })

  it('--json gives the outcome of a completed run as one value in one line', async () => {
    const { stdout } = await run([
      'greeting.yaml',
      '--activities',
      'activities.ts',
      '--set',
      'name=Ada',
      '--json',
    ])
    assert.equal(stdout.trimEnd().split('\n').length, 1)
    const { status, result } = JSON.parse(stdout)
    assert.deepEqual([status, result], ['completed', 'Hello, Ada!'])
  })

  it('an activity that is not registered is ActivityNotRegistered', async () => {
    const { code, stdout } = await run(['greeting.yaml', '--set', 'name=Ada', '--json'])
    assert.equal(code, 1)
    assert.equal(JSON.parse(stdout).error.type, 'ActivityNotRegistered')
  })

  it('exits 2 for a document, an input, a module or an option that is wrong, and says what to do', async () => {
    const cases = [
      {
        args: ['broken.yaml'],
        message: /broken\.yaml:7:5 error unknown-key[\s\S]*\^\^\^[\s\S]*not a valid document: 2 errors/,
      },
      { args: ['greeting.yaml'], message: /the input does not match the schema[\s\S]*\(InputInvalid\)/ },
      { args: ['greeting.yaml', '--set', 'name='], message: /\/name[\s\S]*\(InputInvalid\)/ },
      { args: ['greeting.yaml', '--input', '{'], message: /--input is not valid JSON/ },
      { args: ['gone.yaml'], message: /there is no file or directory gone\.yaml/ },
      { args: ['.'], message: /is a directory, not a document/ },
      { args: ['greeting.yaml', '--activities', './gone.ts'], message: /gone\.ts: there is no such file/ },
      {
        args: ['patient.yaml', '--skip-time', '--data-dir', 'd'],
        message: /--skip-time works in memory alone/,
      },
      {
        args: ['patient.yaml', '--data-dir', 'd', '--database-url', 'postgres://localhost/x'],
        message: /both --database-url and --data-dir say where/,
      },
    ]
    await forEachCase(cases, async ({ args, message }) => {
      const { code, stdout, stderr } = await run(args)
      assert.deepEqual([args, code, stdout], [args, 2, ''])
      assert.match(stderr, message)
      assert.doesNotMatch(stderr, /\n\s+at .*\.ts:/, 'a stack trace')
    })
    const { stdout } = await run(['broken.yaml', '--json'])
    assert.deepEqual(
      JSON.parse(stdout).error.problems.map((problem: { code: string }) => problem.code),
      ['unknown-key', 'unknown-step'],
    )
  })

  it('--skip-time passes thirty days at once', async () => {
    const { code, stdout, stderr } = await run(['patient.yaml', '--skip-time'])
    assert.deepEqual([code, stdout], [0, '"waited"\n'])
    assert.match(stderr, /◷ month {2}waits 30 d, until \d{4}-\d\d-\d\d/)
    assert.match(stderr, /closed in 30 d/)
  })

  it('says what it waits for; Ctrl-C cancels it', async () => {
    const running = startPerdure(['run', 'approval.yaml', '--json'], { directory })
    await running.until(/… decision {2}.*signal `answer`/)
    await running.until(/nothing can send a signal to a run in memory/)
    running.child.kill('SIGINT')
    const { code, stdout, stderr } = await running.ended
    assert.equal(code, 1, stderr)
    assert.equal(JSON.parse(stdout).status, 'canceled')
    assert.match(stderr, /canceling; once more ends it at once/)
  })

  it('an error that an activity forgot to await ends nothing', async () => {
    const below = temporary.sub({
      'greeting.yaml': greeting,
      'activities.ts': `export default { name: 'greetings.greet', run: async () => {
        void Promise.reject(new Error('forgotten'))
        await new Promise((resolve) => setTimeout(resolve, 50))
        return 'fine'
      } }`,
    })
    const args = ['run', 'greeting.yaml', '--set', 'name=Ada', '--activities', './activities.ts']
    const { code, stdout, stderr } = await perdureProcess(args, { directory: below })
    assert.deepEqual([code, stdout], [0, '"fine"\n'])
    assert.match(stderr, /warning: an error that nobody awaited: forgotten/)
  })
})
