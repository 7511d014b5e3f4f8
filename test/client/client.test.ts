import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  PerdureApiError,
  PerdureClient,
  PerdureConnectionError,
  StartedWorkflow,
  WorkflowFailedError,
} from '../../client/index.ts'
import { type Harness, harness, hello, until } from '../server/harness.ts'

describe('client', () => {
  let at: Harness
  let client: PerdureClient
  beforeEach(async () => {
    at = await harness({ limits: { longPollMs: 50 } })
    client = new PerdureClient({ server: at.url })
    await at.engine.deploy({ namespace: 'default', source: hello, format: 'yaml' })
  })
  afterEach(() => at.stop())

  it('deploys, validates, lists and reads definitions', async () => {
    const source = hello.replace('1.0.0', '2.0.0')
    assert.equal((await client.deploy({ source, format: 'yaml' }, { dryRun: true })).outcome, 'created')
    assert.equal((await client.definitions('hello')).length, 1)
    assert.equal((await client.deploy(source)).outcome, 'created')
    assert.equal((await client.deploy({ source, format: 'yaml' })).outcome, 'same')
    const json = JSON.stringify({ dsl: 'perdure/1', name: 'other', version: '1.0.0', steps: [{ return: 1 }] })
    await client.deploy({ source: json, format: 'json' })
    assert.deepEqual(
      (await client.definitions()).map(({ name, version }) => `${name}@${version}`),
      ['hello@1.0.0', 'hello@2.0.0', 'other@1.0.0'],
    )
    assert.deepEqual(await client.validate({ source, format: 'yaml' }), { valid: true, problems: [] })
    assert.equal((await client.validate({ source: 'dsl: x', format: 'yaml' })).valid, false)
    assert.equal((await client.definition('hello', '2.0.0')).source, source)
    assert.equal((await client.graph('hello', '2.0.0')).name, 'hello')
    assert.equal((await client.deprecate('hello', '2.0.0')).deprecated, true)
    assert.equal((await client.undeprecate('hello', '2.0.0')).deprecated, false)
    assert.equal((await client.resolve('hello', '^2')).version, '2.0.0')
    assert.deepEqual(at.engine.argsOf('resolve'), ['default', 'hello', '^2'])
  })

  it('throws what the server refuses, whole', async () => {
    const wrong = client.deploy({ source: 'dsl: perdure/1', format: 'yaml' })
    await assert.rejects(wrong, (error) => {
      assert.ok(error instanceof PerdureApiError)
      assert.deepEqual([error.code, error.status], ['DefinitionInvalid', 422])
      assert.equal(error.problems[0]?.code, 'missing-key')
      return true
    })
    const conflict = client.deploy({ source: hello.replace('return: 1', 'return: 2'), format: 'yaml' })
    await assert.rejects(conflict, (error) => {
      assert.ok(error instanceof PerdureApiError)
      assert.equal(error.suggestion, 'raise the version')
      assert.equal(error.message, `${error.detail}: raise the version`)
      return true
    })
    await assert.rejects(client.list({ limit: 5_000 }), (error) => {
      assert.ok(error instanceof PerdureApiError)
      assert.deepEqual(error.errors[0]?.pointer, '/limit')
      return true
    })
  })

  it('starts with a request id of its own, and hands options on', async () => {
    const started = await client.start('hello', { workflowId: 'w', input: { a: 1 }, version: '^1' })
    assert.ok(started instanceof StartedWorkflow)
    assert.deepEqual([started.workflowId, started.runId, started.version], ['w', 'run-1', '1.0.0'])
    const [request] = at.engine.argsOf('startExecution') as [{ requestId: string }]
    assert.match(request.requestId, /^[0-9a-f-]{36}$/)
    await client.start('hello', { requestId: 'mine' })
    assert.equal((at.engine.argsOf('startExecution') as [{ requestId: string }])[0].requestId, 'mine')
    assert.equal((await client.list()).items.length, 2)
    assert.equal(await client.count(), 2)
  })

  it('waits for a result over many windows', async () => {
    const started = await client.start('hello', { workflowId: 'w' })
    const result = started.result<{ done: boolean }>()
    await until(() => at.engine.calls.filter((call) => call.name === 'result').length >= 3)
    at.engine.complete('w', { done: true })
    assert.equal((await result).done, true)
    assert.deepEqual(await client.handle('w').result(), { done: true })
  })

  it('waits for the run that was there, not for one that comes after', async () => {
    await client.start('hello', { workflowId: 'w' })
    const result = client.handle('w').result()
    await until(() => at.engine.calls.filter((call) => call.name === 'result').length >= 2)
    at.engine.complete('w', 'first')
    await client.start('hello', { workflowId: 'w' })
    assert.equal(await result, 'first')
  })

  it('throws WorkflowFailedError with the outcome', async () => {
    const started = await client.start('hello', { workflowId: 'w' })
    at.engine.fail('w', 'Declined', 'no money')
    await assert.rejects(started.result(), (error) => {
      assert.ok(error instanceof WorkflowFailedError)
      assert.equal(error.message, 'workflow w failed: Declined: no money')
      assert.equal(error.outcome.error.type, 'Declined')
      return true
    })
    assert.equal((await started.outcome()).status, 'failed')
    const other = await client.start('hello', { workflowId: 'x' })
    await other.terminate('enough')
    await assert.rejects(other.result(), /workflow x was terminated: Terminated: enough/)
  })

  it('stops waiting when told to', async () => {
    const started = await client.start('hello', { workflowId: 'w' })
    const abort = new AbortController()
    const result = started.result({ signal: abort.signal })
    await until(() => at.engine.longPolls === 1)
    abort.abort(new Error('changed my mind'))
    await assert.rejects(result, /changed my mind/)
    await until(() => at.engine.longPolls === 0)
    await assert.rejects(started.result({ signal: abort.signal }), /changed my mind/)
  })

  it('signals, queries, cancels, describes', async () => {
    await client.start('hello', { workflowId: 'a/b' })
    const handle = client.handle('a/b')
    await handle.signal('approval', { ok: true })
    const [ref, name, input, requestId] = at.engine.argsOf('signal')
    assert.deepEqual(
      [ref, name, input],
      [{ namespace: 'default', workflowId: 'a/b' }, 'approval', { ok: true }],
    )
    assert.match(String(requestId), /^[0-9a-f-]{36}$/)
    assert.deepEqual(await handle.query('status', [1]), { input: [1], events: 2 })
    assert.equal(await handle.query('text'), 'just text')
    await handle.cancel('tired')
    assert.deepEqual(at.engine.argsOf('cancel')[1], 'tired')
    assert.equal((await handle.describe()).status, 'running')
    assert.deepEqual(await client.health(), { status: 'ready' })
    await assert.rejects(client.handle('none').describe(), { code: 'ExecutionNotFound', status: 404 })
  })

  it('reaches an execution called count, and refuses names that no path holds', async () => {
    await client.start('hello', { workflowId: 'count' })
    assert.equal((await client.handle('count').describe()).workflowId, 'count')
    for (const id of ['', '.', '..'])
      await assert.rejects(async () => client.handle(id).describe(), TypeError)
  })

  it('iterates over a history page by page, and follows it to its end', async () => {
    await client.start('hello', { workflowId: 'w' })
    const handle = client.handle('w')
    for (let n = 0; n < 4; n++) await handle.signal('s', n)
    const ids: number[] = []
    for await (const event of handle.history({ pageEvents: 2 })) ids.push(event.eventId)
    assert.deepEqual(ids, [1, 2, 3, 4, 5])
    const page = await handle.historyPage({ after: 3 })
    assert.deepEqual(
      page.events.map((event) => event.timestamp),
      ['2026-01-02T03:04:05.682Z', '2026-01-02T03:04:05.683Z'],
    )
    const followed: string[] = []
    const following = (async () => {
      for await (const event of handle.history({ after: 4, follow: true })) followed.push(event.type)
    })()
    await until(() => followed.length === 1)
    await handle.signal('s', 'late')
    await until(() => followed.length === 2)
    at.engine.complete('w', 1)
    await client.start('hello', { workflowId: 'w' })
    await following
    assert.deepEqual(followed, [
      'WorkflowSignalReceived',
      'WorkflowSignalReceived',
      'WorkflowExecutionCompleted',
    ])
    const beyond: number[] = []
    for await (const event of client.handle('w', 'run-1').history({ after: 99, follow: true }))
      beyond.push(event.eventId)
    assert.deepEqual(beyond, [])
  })

  it('uses its namespace and its key everywhere', async () => {
    const keyed = await harness({ keys: [{ name: 'a', key: 'k-1', roles: ['admin'], namespaces: ['team'] }] })
    const mine = new PerdureClient({ server: `${keyed.url}/`, apiKey: 'k-1', namespace: 'team' })
    await mine.deploy({ source: hello, format: 'yaml' })
    const started = await mine.start('hello', { workflowId: 'w' })
    await started.signal('s')
    await started.query('q')
    await started.describe()
    for await (const event of started.history()) assert.ok(event.eventId > 0)
    await started.cancel()
    assert.equal(await mine.count(), 1)
    const refs = keyed.engine.calls.filter(({ name }) =>
      ['signal', 'query', 'describe', 'cancel'].includes(name),
    )
    for (const { args } of refs) assert.equal((args[0] as { namespace: string }).namespace, 'team')
    const none = new PerdureClient({ server: keyed.url, namespace: 'team' })
    await assert.rejects(none.count(), { code: 'Unauthenticated', status: 401 })
    await keyed.stop()
  })
})

/** A server that does as it is told, answer by answer. */
type Step = 'drop' | 'hang' | { readonly status: number; readonly body: unknown; readonly type?: string }

async function scripted(steps: Step[]) {
  const requests: { method: string; url: string; body: string }[] = []
  const server = createHttpServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      requests.push({ method: request.method ?? '', url: request.url ?? '', body })
      const step = steps.shift() ?? { status: 500, body: {} }
      if (step === 'hang') return
      if (step === 'drop') request.socket.resetAndDestroy()
      else {
        response.writeHead(step.status, { 'content-type': step.type ?? 'application/json' })
        response.end(typeof step.body === 'string' ? step.body : JSON.stringify(step.body))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    requests,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const started = { status: 201, body: { workflowId: 'w', runId: 'r', version: '1.0.0' } }
const draining = {
  status: 503,
  type: 'application/problem+json',
  body: { code: 'Draining', status: 503, detail: 'the server is stopping' },
}

describe('client: when the connection fails', () => {
  it('repeats what is safe, a start with the same request id', async () => {
    const at = await scripted(['drop', draining, started, 'drop', { status: 200, body: { count: 3 } }])
    const client = new PerdureClient({ server: at.url })
    await client.start('hello', { workflowId: 'w' })
    assert.equal(await client.count(), 3)
    const ids = at.requests.slice(0, 3).map(({ body }) => JSON.parse(body).requestId)
    assert.equal(new Set(ids).size, 1)
    assert.equal(at.requests.length, 5)
    await at.stop()
  })

  it('repeats a signal with the same request id', async () => {
    const at = await scripted(['drop', { status: 202, body: { accepted: true } }])
    await new PerdureClient({ server: at.url }).handle('w').signal('s', 1)
    assert.equal(at.requests.length, 2)
    assert.equal(at.requests[0]?.body, at.requests[1]?.body)
    await at.stop()
  })

  it('does not repeat what may have been done', async () => {
    const at = await scripted(['drop', draining])
    const client = new PerdureClient({ server: at.url })
    await assert.rejects(client.handle('w').cancel('x'), PerdureConnectionError)
    await assert.rejects(client.handle('w').terminate(), { code: 'Draining' })
    assert.equal(at.requests.length, 2)
    await at.stop()
  })

  it('gives up after its attempts', async () => {
    const at = await scripted(['drop', 'drop', 'drop', 'drop'])
    const client = new PerdureClient({ server: at.url, maximumAttempts: 3 })
    await assert.rejects(client.count(), (error) => {
      assert.ok(error instanceof PerdureConnectionError)
      assert.match(error.message, /no Perdure server answers at http:\/\/127.0.0.1:\d+ \(/)
      assert.ok(error.cause instanceof Error)
      return true
    })
    assert.equal(at.requests.length, 3)
    await at.stop()
  })

  it('says that nobody is there', async () => {
    const gone = await scripted([])
    await gone.stop()
    const client = new PerdureClient({ server: gone.url, maximumAttempts: 2 })
    await assert.rejects(
      client.handle('w').cancel(),
      /\(ECONNREFUSED\): is it running there\? `perdure serve` starts one/,
    )
  })

  it('gives up on an answer that does not come', async () => {
    const at = await scripted(['hang', 'hang'])
    let asked = 0
    const counted: typeof fetch = (...request) => {
      asked += 1
      return fetch(...request)
    }
    const options = { server: at.url, requestTimeoutMs: 30, maximumAttempts: 2, fetch: counted }
    await assert.rejects(new PerdureClient(options).count(), /no answer within 30 ms/)
    assert.equal(asked, 2)
    await at.stop()
  })

  it('says when it is not Perdure that answers', async () => {
    const at = await scripted([
      { status: 404, body: '<html>', type: 'text/html' },
      { status: 200, body: '<html>', type: 'text/html' },
      { status: 400, body: 'not json', type: 'application/problem+json' },
    ])
    const client = new PerdureClient({ server: at.url })
    await assert.rejects(client.count(), { code: 'NotPerdure', status: 404 })
    await assert.rejects(client.count(), /answered 200 with something that is not JSON/)
    await assert.rejects(client.count(), { code: 'NotPerdure', status: 400 })
    await at.stop()
  })

  it('outlives a restart of the server while it waits for a result', async () => {
    const at = await scripted([
      { status: 202, body: { workflowId: 'w', runId: 'r', status: 'running' } },
      'drop',
      draining,
      { status: 200, body: { workflowId: 'w', runId: 'r', status: 'completed', result: 7 } },
    ])
    assert.equal(await new PerdureClient({ server: at.url }).handle('w').result(), 7)
    assert.match(at.requests[3]?.url ?? '', /runId=r/)
    await at.stop()
  })

  it('is patient once it waits, and asks a stopping server at a pace', async () => {
    const running: Step = { status: 202, body: { workflowId: 'w', runId: 'r', status: 'running' } }
    const at = await scripted([running, running, running, ...Array<Step>(9).fill('drop')])
    const client = new PerdureClient({ server: at.url, maximumAttempts: 1 })
    const startedMs = performance.now()
    await assert.rejects(client.handle('w').result(), PerdureConnectionError)
    // Three windows, then five times the one attempt.
    assert.equal(at.requests.length, 8)
    assert.ok(performance.now() - startedMs >= 3 * 90)
    await at.stop()
  })

  it('refuses an address that is none', () => {
    for (const server of ['', 'localhost:7400', 'ftp://x', '127.0.0.1'])
      assert.throws(() => new PerdureClient({ server }), /is not the address of a server: write one such as/)
  })

  it('takes another fetch, and a path before the API', async () => {
    const asked: string[] = []
    const fake: typeof fetch = async (url) => {
      asked.push(String(url))
      return Response.json({ count: 1 })
    }
    const client = new PerdureClient({ server: 'https://example.com/perdure/', fetch: fake })
    assert.equal(await client.count("status = 'failed'"), 1)
    assert.deepEqual(asked, [
      'https://example.com/perdure/api/v1/workflows/count?query=status+%3D+%27failed%27',
    ])
  })
})
