import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from '../until.ts'
import { forEachCase, perdure, type RunningCommand, startPerdure, TemporaryDirectory } from './command.ts'
import { addDataDirectory } from './data-directory.ts'
import {
  activities,
  approval,
  basket,
  broken,
  draft,
  emitting,
  failing,
  greeting,
  parent,
  patient,
} from './documents.ts'

describe('perdure serve and the commands of a server', function () {
  this.timeout(120_000)
  const temporary = new TemporaryDirectory()
  const directory = temporary.sub({
    'activities.ts': activities,
    'definitions/approval.yaml': approval,
    'definitions/greeting.yaml': greeting,
    'more/patient.yaml': patient,
    'more/failing.yaml': failing,
    'language/basket.yaml': basket,
    'language/draft.yaml': draft,
    'language/emitting.yaml': emitting,
    'language/parent.yaml': parent,
    'broken.yaml': broken,
    'conflict.yaml': approval.replace('stage: asked', 'stage: begun'),
  })
  let server: RunningCommand
  const posted: {
    readonly authorization: string | undefined
    readonly event: { readonly [key: string]: unknown }
  }[] = []
  const sink = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    request.on('end', () => {
      posted.push({ authorization: request.headers.authorization, event: JSON.parse(text) })
      response.writeHead(204).end()
    })
  })
  let environment: { readonly [name: string]: string } = {}

  before(async () => {
    await addDataDirectory(directory)
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
    const { port } = sink.address() as AddressInfo
    const events = {
      url: `http://127.0.0.1:${port}/events`,
      types: ['order.*'],
      headers: { authorization: { secret: 'SINK', prefix: 'Bearer ' } },
      timeout: '5s',
    }
    // Nobody listens there: what only this one wants dies at its first attempt.
    const gone = { url: 'http://127.0.0.1:9/', types: ['other'], retry: { maximumAttempts: 1 } }
    server = startPerdure(
      ['serve', '--port', '0', '--activities', './activities.ts', '--log-level', 'error'],
      {
        directory,
        environment: {
          PERDURE_EVENT_SINKS: JSON.stringify({ audit: events, gone }),
          PERDURE_SECRET_SINK: 's3cret',
          PERDURE_BODY_BYTES: '100000',
        },
      },
    )
    const [, url = ''] = await server.until(/^perdure serves (\S+), in \.perdure$/m)
    environment = { PERDURE_SERVER: url }
  })
  after(async () => {
    server.child.kill('SIGKILL')
    await server.ended
    sink.close()
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

  it('update prints the answer; refused or failed exits 1; the same id is one update', async () => {
    await ask(['deploy', 'language'])
    await ask(['start', 'basket', '--id', 'b-1'])
    const first = await ask(['update', 'b-1', 'add', '--input', '2', '--update-id', 'u'])
    assert.deepEqual([first.code, first.stdout, first.stderr], [0, '2\n', ''])
    assert.equal((await ask(['update', 'b-1', 'add', '--input', '2', '--update-id', 'u'])).stdout, '2\n')
    const answer = await json(['update', 'b-1', 'add', '--input', '3'])
    assert.deepEqual([answer.status, answer.result], ['completed', 5])
    const failed = await ask(['update', 'b-1', 'add', '--input', '101'])
    assert.deepEqual([failed.code, failed.stdout], [1, ''])
    assert.match(failed.stderr, /^failed: update add: TooMany: not so many/)
    assert.equal((await json(['update', 'b-1', 'add', '--input', '101'])).error.type, 'TooMany')
    for (const [input, code] of [
      ['0', 'UpdateRejected'],
      ['"x"', 'UpdateInvalid'],
    ] as const) {
      const refused = await ask(['update', 'b-1', 'add', '--input', input])
      assert.equal(refused.code, 1)
      assert.match(refused.stderr, new RegExp(`\\(${code}\\)`))
    }
    assert.match((await ask(['update', 'b-1', 'none'])).stderr, /\(UpdateNotDeclared\)/)
    assert.equal((await ask(['query', 'b-1', 'missing', '--input', '{"of":9}'])).stdout, '4\n')
    assert.match((await ask(['query', 'b-1', 'missing', '--set', 'of=x'])).stderr, /\(QueryInvalid\)/)
    const history = (await ask(['history', 'b-1'])).stdout
    assert.match(history, /WorkflowUpdateAccepted +✉ update add 2$/m)
    assert.match(history, /WorkflowUpdateCompleted +✓ update add is answered 5$/m)
    assert.match(history, /WorkflowUpdateCompleted +✗ update add failed: TooMany: not so many/)
  })

  it('pause and resume; why and show tell it', async () => {
    const paused = await ask(['pause', 'b-1', '--reason', 'audit'])
    assert.deepEqual([paused.code, paused.stdout], [0, ''])
    assert.match(paused.stderr, /`perdure resume b-1` lets it go on/)
    await until(async () => (await json(['show', 'b-1'])).paused !== null)
    assert.match(
      (await ask(['why', 'b-1'])).stdout,
      /^b-1 \(basket@1\.0\.0\) is paused and waits for\n.*audit/,
    )
    assert.equal((await json(['why', 'b-1'])).waitingFor[0].kind, 'paused')
    assert.match((await ask(['show', 'b-1'])).stdout, /^ {2}paused +since 20\S+Z: audit$/m)
    assert.match((await ask(['update', 'b-1', 'add', '--input', '1'])).stderr, /\(ExecutionPaused\)/)
    await ask(['signal', 'b-1', 'checkout'])
    assert.deepEqual(await json(['resume', 'b-1', '--skip', '--reason', 'seen']), { accepted: true })
    assert.equal((await ask(['result', 'b-1'])).stdout, '5\n')
    assert.match((await ask(['history', 'b-1'])).stdout, /WorkflowExecutionPaused +‖ paused: audit$/m)
    assert.match((await ask(['history', 'b-1'])).stdout, /WorkflowExecutionResumed +▶ resumed.*: seen$/m)
    const closed = await ask(['pause', 'b-1'])
    assert.equal(closed.code, 1)
    assert.match(closed.stderr, /\(ExecutionClosed\)/)
  })

  it('show and why tell children, parent and state; a state machine refuses what it does not take', async () => {
    await ask(['start', 'parent', '--id', 'p-1'])
    await until(async () => (await ask(['show', 'p-1-kid'])).code === 0)
    assert.match((await ask(['show', 'p-1'])).stdout, /^children\n {2}kid +basket +p-1-kid$/m)
    assert.match((await ask(['why', 'p-1'])).stdout, /^ {2}kid +line \d+ +.*p-1-kid/m)
    assert.match((await ask(['show', 'p-1-kid'])).stdout, /^ {2}parent +p-1 \(run [0-9a-f-]{36}\)$/m)
    assert.match(
      (await ask(['why', 'p-1-kid'])).stdout,
      /^p-1-kid \(basket@1\.0\.0, child of p-1\) is running/,
    )
    await ask(['signal', 'p-1-kid', 'checkout'])
    assert.equal((await ask(['result', 'p-1'])).stdout, '0\n')
    assert.match((await ask(['history', 'p-1'])).stdout, /✓ kid {2}child basket completed after /)

    await ask(['start', 'draft', '--id', 'd-1'])
    const refused = await ask(['signal', 'd-1', 'approve'])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /\(SignalNotExpected\)/)
    assert.match(refused.stderr, /submit/)
    assert.equal((await ask(['signal', 'd-1', 'submit'])).code, 0)
    assert.match((await ask(['show', 'd-1'])).stdout, /^ {2}state +review$/m)
    assert.match((await ask(['why', 'd-1'])).stdout, /^d-1 \(draft@1\.0\.0\) is running in state review and/)
    await ask(['signal', 'd-1', 'approve'])
    assert.deepEqual(JSON.parse((await ask(['result', 'd-1'])).stdout), { status: 'published' })
    assert.match((await ask(['history', 'd-1'])).stdout, /→ from draft to review, by signal submit$/m)
  })

  it('sends what workflows emit to the sink of the settings that wants it', async () => {
    await ask(['start', 'emitting', '--id', 'e-1', '--wait'])
    await until(() => posted.length > 0)
    const [{ authorization, event } = { authorization: undefined, event: {} }] = posted
    assert.equal(authorization, 'Bearer s3cret')
    assert.deepEqual(
      [event['specversion'], event['type'], event['subject'], event['data']],
      ['1.0', 'order.shipped', 'o-1', { parcels: 2 }],
    )
    assert.match((await ask(['history', 'e-1'])).stdout, /» \S+ {2}emits order\.shipped about o-1/)
    assert.equal(posted.length, 1)
  })

  it('lists what a sink did not take, and sends it again', async () => {
    const dead = async () => (await json(['deliveries', '--state', 'dead', '--sink', 'gone'])).items
    await until(async () => (await dead()).length > 0)
    const [delivery] = await dead()
    assert.deepEqual([delivery.sink, delivery.attempts, delivery.event.type], ['gone', 1, 'other'])
    const listed = await ask(['deliveries'])
    assert.match(listed.stdout, new RegExp(`^${delivery.deliveryId} +gone +dead +1 +20\\S+Z +\\S`, 'm'))
    assert.deepEqual(await json(['redeliver', delivery.deliveryId]), { accepted: true })
    const unknown = await ask(['redeliver', '999999'])
    assert.deepEqual([unknown.code, /\(DeliveryNotFound\)/.test(unknown.stderr)], [1, true])
    assert.equal((await ask(['deliveries', '--state', 'alive'])).code, 2)
  })

  it('takes no larger body than the setting allows', async () => {
    const { code, stderr } = await ask(['start', 'greeting', '--set', `name=${'x'.repeat(100_000)}`])
    assert.equal(code, 1)
    assert.match(stderr, /larger than 100000 bytes.*\(LimitExceeded\)/)
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
