import assert from 'node:assert/strict'
import { forEachCase, perdure, type RunningCommand, startPerdure, TemporaryDirectory } from './command.ts'
import { addDataDirectory } from './data-directory.ts'
import { activities, approval, broken, failing, greeting, patient } from './documents.ts'

describe('perdure serve and the commands of a server', function () {
  this.timeout(120_000)
  const temporary = new TemporaryDirectory()
  const directory = temporary.sub({
    'activities.ts': activities,
    'definitions/approval.yaml': approval,
    'definitions/greeting.yaml': greeting,
    'more/patient.yaml': patient,
    'more/failing.yaml': failing,
    'broken.yaml': broken,
    'conflict.yaml': approval.replace('stage: asked', 'stage: begun'),
  })
  let server: RunningCommand
  let environment: { readonly [name: string]: string } = {}

  before(async () => {
    await addDataDirectory(directory)
    server = startPerdure(
      ['serve', '--port', '0', '--activities', './activities.ts', '--log-level', 'error'],
      {
        directory,
      },
    )
    const [, url = ''] = await server.until(/^perdure serves (\S+), in \.perdure$/m)
    environment = { PERDURE_SERVER: url }
  })
  after(async () => {
    server.child.kill('SIGKILL')
    await server.ended
    temporary.remove()
  })

  const ask = (args: readonly string[], stdin = '') => perdure(args, { directory, environment, stdin })
  const json = async (args: readonly string[]) => {
    const { stdout, stderr } = await ask([...args, '--json'])
    assert.equal(stdout.trimEnd().split('\n').length, 1, stdout + stderr)
    return JSON.parse(stdout)
  }

  it('deployed the documents of definitions/ when it started', async () => {
    const { items } = await json(['definitions'])
    assert.deepEqual(items.map((item: { name: string }) => item.name).sort(), ['approval', 'greeting'])
    const { code, stdout } = await ask(['definitions', 'approval'])
    assert.equal(code, 0)
    assert.match(stdout, /^NAME +VERSION +DEPLOYED +DIGEST\napproval +1\.0\.0 +20\d\d-/)
  })

  it('deploys, once and again, dry and for good; refuses what is wrong with its place', async () => {
    const dry = await ask(['deploy', 'more', '--dry-run'])
    assert.equal(dry.code, 0, dry.stderr)
    assert.match(dry.stdout, /^more\/failing\.yaml {2}failing@1\.0\.0 {2}would be deployed$/m)
    assert.equal((await json(['definitions'])).items.length, 2)
    const { deployed, refused } = await json(['deploy', 'more'])
    assert.deepEqual(
      deployed.map((one: { file: string; outcome: string }) => [one.file, one.outcome]),
      [
        ['more/failing.yaml', 'created'],
        ['more/patient.yaml', 'created'],
      ],
    )
    assert.deepEqual(refused, [])
    assert.match((await ask(['deploy', 'more/patient.yaml'])).stdout, /patient@1\.0\.0 {2}deployed already/)

    const invalid = await ask(['deploy', 'broken.yaml', 'more'])
    assert.equal(invalid.code, 2)
    assert.match(invalid.stderr, /broken\.yaml:7:5 error unknown-key/)
    assert.match(
      invalid.stdout,
      /patient@1\.0\.0 {2}deployed already/,
      'the others are deployed all the same',
    )
    const conflict = await ask(['deploy', 'conflict.yaml'])
    assert.equal(conflict.code, 1)
    assert.match(conflict.stderr, /\(DefinitionConflict\)/)
  })

  it('starts and waits; exits 1 when the execution failed', async () => {
    const fine = await ask(['start', 'greeting', '--version', '^1.0', '--set', 'name=Ada', '--wait'])
    assert.deepEqual([fine.code, fine.stdout], [0, '"Hello, Ada!"\n'])
    const failed = await ask(['start', 'failing', '--wait'])
    assert.deepEqual([failed.code, failed.stdout], [1, ''])
    assert.match(failed.stderr, /failed: Broken: it broke/)
  })

  it('start, why, show, query, signal, result, history, list', async () => {
    const started = await json(['start', 'approval', '--id', 'a-1'])
    assert.deepEqual([started.workflowId, started.version], ['a-1', '1.0.0'])
    const why = await ask(['why', 'a-1'])
    assert.match(
      why.stdout,
      /^a-1 \(approval@1\.0\.0\) is running and waits for\n {2}decision +line \d+ +.*answer/,
    )
    assert.equal((await json(['why', 'a-1'])).waitingFor[0].kind, 'signal')
    assert.match(
      (await ask(['show', 'a-1'])).stdout,
      /^a-1\n {2}workflow +approval@1\.0\.0\n {2}status +running\n/,
    )
    assert.equal((await json(['show', 'a-1'])).vars.stage, 'asked')
    assert.equal((await ask(['query', 'a-1', 'stage'])).stdout, '"asked"\n')

    const wrong = await ask(['signal', 'a-1', 'answer', '--set', 'approved=perhaps'])
    assert.equal(wrong.code, 1)
    assert.match(wrong.stderr, /\/approved.*\(SignalInvalid\)/)
    const waiting = startPerdure(['result', 'a-1', '--json'], { directory, environment })
    const accepted = await ask(['signal', 'a-1', 'answer', '--input', '-'], '{"approved":true}')
    assert.deepEqual([accepted.code, accepted.stdout], [0, ''])
    assert.match(accepted.stderr, /signal answer is accepted by a-1/)
    const outcome = JSON.parse((await waiting.ended).stdout)
    assert.deepEqual([outcome.status, outcome.result], ['completed', { approved: true }])

    const { events } = await json(['history', 'a-1'])
    assert.deepEqual(
      events.map((event: { eventId: number; type: string }) => [event.eventId, event.type]),
      [
        [1, 'WorkflowExecutionStarted'],
        [2, 'WorkflowSignalReceived'],
        [3, 'WorkflowExecutionCompleted'],
      ],
    )
    const history = (await ask(['history', 'a-1'])).stdout.trimEnd().split('\n')
    assert.match(history[0] ?? '', /^ +1 {2}20\S+Z {2}WorkflowExecutionStarted +▶ started approval@1\.0\.0$/)
    assert.match(history[2] ?? '', /^ +3 .*✓ completed after /)
    assert.match((await ask(['why', 'a-1'])).stdout, /is completed since/)
    const list = await ask(['list', '--limit', '1'])
    assert.match(list.stdout, /^ID +WORKFLOW +STATUS +STARTED +CLOSED\na-1 +approval@1\.0\.0 +completed/)
    assert.match(list.stderr, /there are more: --cursor/)
    assert.equal((await json(['list', '--limit', '1'])).items.length, 1)
  })

  it('cancels and terminates', async () => {
    await ask(['start', 'patient', '--id', 'c-1'])
    await ask(['start', 'patient', '--id', 't-1'])
    assert.match((await ask(['why', 'c-1'])).stdout, /month +line \d+ +.*until/)
    assert.equal((await ask(['cancel', 'c-1', '--reason', 'enough'])).code, 0)
    const canceled = await ask(['result', 'c-1'])
    assert.equal(canceled.code, 1)
    assert.match(canceled.stderr, /^canceled: Canceled/)
    assert.deepEqual(await json(['terminate', 't-1', '--reason', 'gone']), { accepted: true })
    assert.equal((await json(['result', 't-1'])).status, 'terminated')
    assert.match((await ask(['history', 't-1'])).stdout, /terminated after .*: gone/)
    assert.equal((await ask(['cancel', 't-1'])).code, 1)
  })

  it('tells every refusal with code, detail and what to do', async () => {
    const cases = [
      { args: ['start', 'nothing'], message: /nothing.*\(WorkflowNotFound\)/ },
      { args: ['start', 'greeting', '--version', '^9', '--set', 'name=x'], message: /\(WorkflowNotFound\)/ },
      { args: ['start', 'greeting'], message: /\(InputInvalid\)/ },
      { args: ['show', 'nobody'], message: /nobody.*\(ExecutionNotFound\)/ },
      { args: ['query', 'nobody', 'x'], message: /\(ExecutionNotFound\)/ },
      { args: ['list', '--query', 'colour = 1'], message: /\(\w+\)/ },
    ]
    await forEachCase(cases, async ({ args, message }) => {
      const { code, stdout, stderr } = await ask([...args, '--json'])
      assert.equal(code, 1, `${args}: ${stderr}`)
      assert.match(stderr, message)
      const { error } = JSON.parse(stdout)
      assert.match(error.code, /^[A-Z]\w+$/)
      assert.ok(error.message.length > 0)
    })
  })

  it('says clearly that no server is there', async () => {
    const { code, stdout, stderr } = await perdure(['list', '--json', '--server', 'http://127.0.0.1:9'], {
      directory,
    })
    assert.equal(code, 1)
    assert.match(stderr, /no Perdure server answers at http:\/\/127\.0\.0\.1:9 .*`perdure serve` starts one/)
    assert.equal(JSON.parse(stdout).error.code, 'ServerUnreachable')
  })
})
