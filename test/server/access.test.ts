import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { createServer } from '../../server/create.ts'
import { builtOperations, operations } from '../../server/openapi.ts'
import { type ApiKeySetting, ServerSettingsError } from '../../server/settings.ts'
import { FakeEngine } from './fake-engine.ts'
import { type Harness, harness, hello } from './harness.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const keys: readonly ApiKeySetting[] = [
  { name: 'reading', key: 'key-reader', roles: ['reader'] },
  { name: 'operating', hash: sha256('key-operator'), roles: ['operator'] },
  { name: 'authoring', hash: `sha256:${sha256('key-author').toUpperCase()}`, roles: ['author'] },
  { name: 'working', key: 'key-worker', roles: ['worker'] },
  { name: 'all', key: 'key-admin', roles: ['admin'], namespaces: ['*'] },
  { name: 'both', key: 'key-both', roles: ['operator', 'author'], namespaces: ['a', 'b'] },
]
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

/** Sends headers that `fetch` would not let through, such as `Host`. */
function withHeaders(
  port: number,
  method: string,
  path: string,
  headers: { [name: string]: string },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: '127.0.0.1', port, method, path, headers, setHost: false },
      (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

describe('server: access by key', () => {
  let at: Harness
  before(async () => {
    at = await harness({ keys })
    await at.engine.deploy({ namespace: 'default', source: hello, format: 'yaml' })
  })
  after(() => at.stop())

  it('asks for a key, and says how to send it', async () => {
    const none = await at.call('GET', '/api/v1/workflows')
    assert.deepEqual([none.status, none.body.code], [401, 'Unauthenticated'])
    assert.equal(none.headers.get('www-authenticate'), 'Bearer realm="perdure"')
    assert.match(none.body.suggestion, /x-api-key/)
    for (const headers of [
      bearer('key-readeR'),
      bearer(sha256('key-reader')),
      { authorization: 'Basic a2V5LXJlYWRlcg==' },
      { authorization: 'key-reader' },
      { authorization: 'Bearer ' },
      { 'x-api-key': 'nothing' },
      { 'x-api-key': '' },
    ]) {
      const answer = await at.call('GET', '/api/v1/workflows', { headers })
      assert.equal(answer.status, 401, JSON.stringify(headers))
      assert.equal(answer.text.includes('key-reader'), false)
    }
  })

  it('takes a key in either header, in clear or hashed in the settings', async () => {
    for (const key of ['key-reader', 'key-operator', 'key-author', 'key-admin']) {
      assert.equal((await at.call('GET', '/api/v1/workflows', { headers: bearer(key) })).status, 200, key)
      const header = { 'x-api-key': key }
      assert.equal((await at.call('GET', '/api/v1/workflows', { headers: header })).status, 200, key)
    }
  })

  it('leaves health and the self-description open', async () => {
    for (const path of ['/healthz', '/readyz', '/api/v1/openapi.json'])
      assert.equal((await at.call('GET', path)).status, 200, path)
  })

  it('holds each operation to its role', async () => {
    const holders: { readonly [role: string]: readonly string[] } = {
      reader: ['key-reader', 'key-operator', 'key-author', 'key-admin'],
      operator: ['key-operator', 'key-admin'],
      author: ['key-author', 'key-admin'],
      worker: ['key-worker', 'key-admin'],
    }
    let checked = 0
    for (const [id, { method, path, role }] of Object.entries(operations)) {
      if (role === 'public') continue
      const target = path.replaceAll(/\{\w+\}/g, 'x')
      for (const key of ['key-reader', 'key-operator', 'key-author', 'key-worker', 'key-admin']) {
        const { status } = await at.call(method.toUpperCase(), target, { headers: bearer(key) })
        const allowed: boolean = holders[role]?.includes(key) === true
        assert.equal(status === 403, !allowed, `${id} with ${key}: ${status}`)
        checked += 1
      }
    }
    assert.ok(checked > Object.keys(builtOperations).length * 4)
  })

  it('holds a key to its namespaces', async () => {
    const ask = (key: string, query: string) =>
      at.call('GET', `/api/v1/workflows${query}`, { headers: bearer(key) })
    assert.equal((await ask('key-reader', '')).status, 200)
    const other = await ask('key-reader', '?namespace=a')
    assert.deepEqual([other.status, other.body.code], [403, 'Forbidden'])
    assert.equal((await ask('key-both', '?namespace=a')).status, 200)
    assert.equal((await ask('key-both', '')).status, 403)
    assert.equal((await ask('key-admin', '?namespace=any')).status, 200)
  })

  it('refuses before it reads a body', async () => {
    const answer = await at.call('POST', '/api/v1/workflows', {
      json: { nonsense: 1 },
      headers: bearer('key-reader'),
    })
    assert.equal(answer.status, 403)
  })
})

describe('server: what it will not start with', () => {
  const engine = new FakeEngine()
  const refused = (options: object, setting: string, message: RegExp) =>
    assert.throws(
      () => createServer({ engine, ...options }),
      (error) =>
        error instanceof ServerSettingsError && error.setting === setting && message.test(error.message),
    )

  it('an open door', () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.com', '127.0.0.1.example.com'])
      refused({ host }, 'host', /without any API key.*set `keys`/)
    for (const host of ['127.0.0.1', '127.8.9.1', 'localhost', '::1', 'LOCALHOST'])
      assert.doesNotThrow(() => createServer({ engine, host }))
    assert.doesNotThrow(() => createServer({ engine, host: '0.0.0.0', keys }))
  })

  it('keys that could not work', () => {
    refused({ keys: [{ name: 'a', roles: ['reader'] }] }, 'keys', /'a' needs 'key' or 'hash'/)
    refused({ keys: [{ name: 'a', roles: ['reader'], hash: 'abc' }] }, 'keys', /not a SHA-256/)
    refused({ keys: [{ name: 'a', roles: [], key: 'k' }] }, 'keys', /has no role/)
    refused({ keys: [{ name: 'a', roles: ['king'], key: 'k' }] }, 'keys', /unknown role 'king'/)
    refused({ keys: [{ name: 'a', roles: ['reader'], key: ' ' }] }, 'keys', /is empty/)
    refused({ keys: [keys[0], keys[0]] }, 'keys', /two API keys are called 'reading'/)
  })

  it('limits that are none', () => {
    refused({ limits: { bodyBytes: 0 } }, 'bodyBytes', /whole number/)
    refused({ limits: { bodyByte: 5 } }, 'bodyByte', /no server limit/)
  })

  it('an address that is taken', async () => {
    const first = await harness()
    const second = createServer({ engine, port: first.port })
    await assert.rejects(second.start(), /port \d+ of 127\.0\.0\.1 is taken/)
    await first.stop()
  })
})

describe('server: pages of strangers', () => {
  let at: Harness
  before(async () => {
    at = await harness({ allowedOrigins: ['https://ops.example.com'] })
  })
  after(() => at.stop())

  it('answers to names of this machine alone where it has no keys', async () => {
    const host = (value: string) => withHeaders(at.port, 'GET', '/api/v1/workflows', { host: value })
    for (const name of [`127.0.0.1:${at.port}`, 'localhost', 'localhost:1', '[::1]:7400', '127.1.2.3'])
      assert.equal(await host(name), 200, name)
    for (const name of [
      'evil.example',
      `evil.example:${at.port}`,
      '127.0.0.1.evil.example',
      '',
      'localhost.evil',
    ])
      assert.equal(await host(name), 403, name)
  })

  it('with keys answers to any name', async () => {
    const keyed = await harness({ keys })
    const headers = { host: 'perdure.example', 'x-api-key': 'key-reader' }
    assert.equal(await withHeaders(keyed.port, 'GET', '/api/v1/workflows', headers), 200)
    await keyed.stop()
  })

  it('lets no page of another origin change anything', async () => {
    const host = `127.0.0.1:${at.port}`
    const post = (headers: { [name: string]: string }) =>
      withHeaders(at.port, 'POST', '/api/v1/workflows/w/cancel', { host, ...headers })
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:1`, 'not a url'])
      assert.equal(await post({ origin }), 403, origin)
    assert.equal(await post({ 'sec-fetch-site': 'cross-site' }), 403)
    assert.equal(await post({ origin: `http://${host}` }), 404)
    assert.equal(await post({ origin: 'https://ops.example.com' }), 404)
    assert.equal(await post({ 'sec-fetch-site': 'same-origin' }), 404)
    assert.equal(await post({}), 404)
    const read = await withHeaders(at.port, 'GET', '/api/v1/workflows', {
      host,
      origin: 'https://evil.example',
    })
    assert.equal(read, 200)
  })
})
