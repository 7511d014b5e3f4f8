import assert from 'node:assert/strict'
import { pino } from 'pino'
import { type Harness, harness, hello, until } from './harness.ts'

describe('server: health', () => {
  it('is alive always, and ready as the engine is', async () => {
    const at = await harness({ limits: { readinessMs: 30 } })
    assert.deepEqual((await at.call('GET', '/healthz')).body, { status: 'alive' })
    assert.deepEqual((await at.call('GET', '/readyz')).body, { status: 'ready' })
    at.engine.notReady = new Error('the database does not answer')
    const not = await at.call('GET', '/readyz')
    assert.deepEqual(
      [not.status, not.body.code, not.body.detail],
      [503, 'Unavailable', 'the database does not answer'],
    )
    at.engine.ready = () => new Promise(() => {})
    const hanging = await at.call('GET', '/readyz')
    assert.equal(hanging.status, 503)
    assert.match(hanging.body.detail, /no answer within 30 ms/)
    await at.stop()
  })
})

describe('server: stop', () => {
  let at: Harness
  const begin = async (limits: object = {}) => {
    at = await harness({ limits })
    await at.engine.deploy({ namespace: 'default', source: hello, format: 'yaml' })
    await at.engine.startExecution({ namespace: 'default', workflow: 'hello', workflowId: 'w' })
  }

  it('ends long polls with what is known, ends streams, and then refuses', async () => {
    await begin()
    const result = at.call('GET', '/api/v1/workflows/w/result?wait=1m')
    const history = at.call('GET', '/api/v1/workflows/w/history?after=1&waitNew=1m')
    const stream = fetch(`${at.url}/api/v1/workflows/w/events?after=1`).then((response) => response.text())
    await until(() => at.engine.longPolls === 3)
    // Far beyond the timeout of this test: connections that are kept alive must not use up the grace.
    const stopped = at.server.stop(600_000)
    assert.equal((await result).status, 202)
    assert.deepEqual((await history).body, { events: [], cursor: null })
    assert.match(await stream, /^: connected/)
    await stopped
    await assert.rejects(fetch(`${at.url}/healthz`))
    await at.server.stop()
    await assert.rejects(at.server.start(), /was stopped/)
  })

  it('says 503 on /readyz before it closes', async () => {
    const noticeMs = 599_999
    await begin({ drainNoticeMs: noticeMs })
    const notice = holdTimer(noticeMs)
    const stopped = at.server.stop(600_000)
    const endNotice = await notice
    const ready = await at.call('GET', '/readyz')
    assert.deepEqual([ready.status, ready.body.code], [503, 'Draining'])
    assert.equal(ready.headers.get('connection'), 'close')
    assert.equal((await at.call('GET', '/healthz')).status, 200)
    // A long poll that begins now does not wait.
    assert.equal((await at.call('GET', '/api/v1/workflows/w/result?wait=1m')).status, 202)
    endNotice()
    await stopped
  })

  it('lets a request under way end, and cuts off one that does not', async () => {
    await begin()
    const releases: (() => void)[] = []
    at.engine.count = () => new Promise((resolve) => releases.push(() => resolve(7)))
    const slow = at.call('GET', '/api/v1/workflows/count')
    await until(() => releases.length === 1)
    const stopped = at.server.stop(600_000)
    releases[0]?.()
    assert.equal((await slow).body.count, 7)
    await stopped

    await begin()
    let entered = false
    at.engine.count = () => {
      entered = true
      return new Promise(() => {})
    }
    const cut = assert.rejects(at.call('GET', '/api/v1/workflows/count'))
    await until(() => entered)
    await at.server.stop(50)
    await cut
  })
})

describe('server: the log', () => {
  it('has a line per request without payloads, queries or keys', async () => {
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) })
    const at = await harness({ log, keys: [{ name: 'ann', key: 'top-secret-key', roles: ['admin'] }] })
    await at.engine.deploy({ namespace: 'default', source: hello, format: 'yaml' })
    const headers = { authorization: 'Bearer top-secret-key', 'x-request-id': 'req-1' }
    await at.call('POST', '/api/v1/workflows', {
      json: { workflow: 'hello', input: 'private-data' },
      headers,
    })
    await at.call('GET', '/api/v1/workflows?query=private-query', {
      headers: { ...headers, 'x-request-id': 'a b\tc' },
    })
    await at.call('GET', '/api/v1/nothing', { headers })
    await at.call('GET', '/healthz')
    at.engine.failure = new Error('a bug')
    await at.call('GET', '/api/v1/workflows', { headers })
    await until(() => lines.filter((line) => line.includes('"status"')).length === 4)
    await at.stop()
    const all = lines.join('')
    for (const secret of ['top-secret', 'private-data', 'private-query'])
      assert.equal(all.includes(secret), false, secret)
    const entries = lines.map((line) => JSON.parse(line)).filter((entry) => 'status' in entry)
    const [started, listed, missing, bug] = entries
    assert.equal(started.requestId, 'req-1')
    assert.equal(started.operation, 'startWorkflow')
    assert.equal(started.caller, 'ann')
    assert.equal(started.status, 201)
    assert.equal(typeof started.durationMs, 'number')
    assert.match(listed.requestId, /^[0-9a-f-]{36}$/)
    assert.equal(missing.code, 'RouteNotFound')
    assert.equal(bug.code, 'InternalError')
    assert.ok(lines.some((line) => line.includes('a bug in a route') && line.includes('"message":"a bug"')))
  })
})

/** The next timer of exactly so many milliseconds is not set: what it would call is given to the test. */
function holdTimer(ms: number): Promise<() => void> {
  const { setTimeout: original } = globalThis
  return new Promise((resolve) => {
    const held = (callback: () => void, delay?: number) => {
      if (delay !== ms) return original(callback, delay)
      globalThis.setTimeout = original
      resolve(callback)
      return original(() => undefined, 0)
    }
    globalThis.setTimeout = Object.assign(held, { __promisify__: original.__promisify__ })
  })
}
