import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { defaultLimits } from '../../schema/limits.ts'
import { defaultServerLimits } from '../../server/settings.ts'
import { type Harness, harness, hello } from './harness.ts'

describe('server: hostile requests', () => {
  let at: Harness
  const json = { 'content-type': 'application/json' }
  before(async () => {
    at = await harness({ limits: { bodyBytes: 200_000 } })
    await at.engine.deploy({ namespace: 'default', source: hello, format: 'yaml' })
  })
  after(() => at.stop())
  afterEach(async () => {
    // Whatever came, the server lives.
    assert.equal((await at.call('GET', '/healthz')).status, 200)
  })
  const post = (text: string | Uint8Array, headers: { [name: string]: string } = json) =>
    at.call('POST', '/api/v1/workflows', { text, headers })

  it('takes any payload that the engine takes', () => {
    const { bodyBytes } = defaultServerLimits
    assert.ok(bodyBytes >= 2 * defaultLimits.payloadBytes)
    assert.ok(bodyBytes >= defaultLimits.documentBytes)
  })

  it('malformed JSON: 400 with line and column', async () => {
    const cases: [string, RegExp][] = [
      ['{', /line 1, column 2: expected a key in double quotes, found the end of the text/],
      ['{"workflow": "a",}', /line 1, column 18: expected a key in double quotes, found '}'/],
      ['{"workflow":\n\n  nope}', /line 3, column 3: expected a value, found 'n'/],
      ["{'a': 1}", /column 2: expected a key/],
      ['{"a" 1}', /column 6: expected ':', found '1'/],
      ['[1 2]', /column 4: expected ',' or '\]'/],
      ['{"a": 1} {}', /column 10: expected nothing more/],
      ['{"a": "b\nc"}', /line 1, column 9: expected the end of a string/],
      ['{"a": "\\x"}', /column 8: expected a valid escape/],
      ['{"a": "b', /expected the end of a string, found the end/],
      ['{"a": 01}', /column 8: expected ',' or '}'/],
      ['{"a": NaN}', /column 7: expected a value/],
      ['{"a": 1.}', /expected ',' or '}', found '.'/],
      [' ', /expected a value, found the end/],
      ['['.repeat(50_000), /column 50001: expected a value/],
    ]
    for (const [text, detail] of cases) {
      const answer = await post(text)
      assert.equal(answer.status, 400, text.slice(0, 40))
      assert.equal(answer.body.code, 'RequestInvalid')
      assert.match(answer.body.detail, detail)
      assert.equal(answer.body.errors[0].in, 'body')
    }
  })

  it('bodies over the limit: 413, plain, compressed and chunked', async () => {
    const big = JSON.stringify({ workflow: 'hello', input: 'x'.repeat(300_000) })
    const plain = await post(big)
    assert.deepEqual([plain.status, plain.body.code], [413, 'LimitExceeded'])
    assert.match(plain.body.detail, /larger than 200000 bytes/)
    assert.match(plain.body.suggestion, /bodyBytes/)
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20))
    assert.ok(bomb.length < 200_000)
    const compressed = await post(bomb, { ...json, 'content-encoding': 'gzip' })
    assert.equal(compressed.status, 413)
    const chunk = `186a0\r\n${'x'.repeat(100_000)}\r\n`
    const head = 'POST /api/v1/workflows HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
    const chunked = await at.raw(`${head}transfer-encoding: chunked\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`)
    assert.match(chunked, /^HTTP\/1\.1 413 /)
    const gzipped = await post(gzipSync('{"workflow":"hello"}'), { ...json, 'content-encoding': 'gzip' })
    assert.equal(gzipped.status, 201)
    const notGzip = await post('{}', { ...json, 'content-encoding': 'gzip' })
    assert.equal(notGzip.status, 400)
    const unknown = await post('{}', { ...json, 'content-encoding': 'brrr' })
    assert.equal(unknown.status, 415)
  })

  it('wrong content types: 415', async () => {
    for (const type of [
      'text/plain',
      'application/yaml',
      'application/json; charset=utf-16',
      'multipart/form-data',
      'x',
    ]) {
      const answer = await post('{"workflow":"hello"}', { 'content-type': type })
      assert.deepEqual([answer.status, answer.body.code], [415, 'UnsupportedMediaType'], type)
    }
    const bare = await at.raw(
      'POST /api/v1/workflows HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}',
    )
    assert.match(bare, /^HTTP\/1\.1 415 [\s\S]*the body has no content type/)
    assert.equal((await post('')).status, 400)
    assert.equal((await post('\ufeff{"workflow":"hello"}')).status, 201)
    assert.equal((await post(new Uint8Array([0x7b, 0xff, 0x7d]))).body.detail, 'the body is not UTF-8')
  })

  it('what cannot be stored: 400 with a pointer', async () => {
    const cases: [string, string, RegExp][] = [
      ['{"workflow":"hello","input":{"a":["ok","x\\u0000y"]}}', '/input/a/1', /U\+0000/],
      [
        '{"workflow":"hello","input":{"a":{"k\\u0000":1}}}',
        '/input/a/k\0',
        /a key holds the character U\+0000/,
      ],
      ['{"workflow":"hello","input":"\\ud800"}', '/input', /half of a surrogate pair/],
      ['{"workflow":"hello","input":{"a/b~c":"\\udc00!"}}', '/input/a~1b~0c', /surrogate/],
      ['{"workflow":"hello","input":1e999}', '/input', /out of range/],
      ['{"workflow":"hello","workflowId":"a\\u0000"}', '/workflowId', /U\+0000/],
    ]
    for (const [text, pointer, message] of cases) {
      const answer = await post(text)
      assert.equal(answer.status, 400, text)
      assert.equal(answer.body.errors[0].pointer, pointer)
      assert.match(answer.body.errors[0].message, message)
    }
    assert.equal((await post('{"workflow":"hello","input":"\\ud83d\\ude00"}')).status, 201)
    for (const path of ['/api/v1/workflows/a%00b', '/api/v1/workflows?query=%00'])
      assert.equal((await at.call('GET', path)).status, 400, path)
  })

  it('deep nesting: 400, and no stack overflow', async () => {
    const deep = `{"workflow":"hello","input":${'['.repeat(60_000)}${']'.repeat(60_000)}}`
    const answer = await post(deep)
    assert.equal(answer.status, 400)
    assert.match(answer.body.detail, /nested deeper than 500 levels/)
    assert.equal(
      (await post(`{"workflow":"hello","input":${'['.repeat(400)}${']'.repeat(400)}}`)).status,
      201,
    )
  })

  it('keys of prototypes are keys like any other', async () => {
    const envelope = await post('{"workflow":"hello","__proto__":{"admin":true}}')
    assert.equal(envelope.status, 400)
    assert.match(envelope.body.errors[0].message, /unknown key '__proto__'/)
    for (const key of ['constructor', 'toString', 'hasOwnProperty'])
      assert.equal((await post(`{"workflow":"hello","${key}":1}`)).status, 400, key)
    const query = await at.call('GET', '/api/v1/workflows?__proto__=1&constructor=2')
    assert.deepEqual(
      query.body.errors.map((fault: { pointer: string }) => fault.pointer),
      ['/__proto__', '/constructor'],
    )
    const inside = await post('{"workflow":"hello","input":{"__proto__":{"polluted":1},"constructor":1}}')
    assert.equal(inside.status, 201)
    const [request] = at.engine.argsOf('startExecution')
    assert.equal(JSON.stringify(request).includes('"__proto__":{"polluted":1}'), true)
    assert.equal('polluted' in {}, false)
  })

  it('a thousand unknown keys: one bounded answer', async () => {
    const body = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`k${n}`, n]))
    const answer = await at.call('POST', '/api/v1/workflows', { json: body })
    assert.equal(answer.status, 400)
    assert.equal(answer.body.errors.length, 20)
    assert.match(answer.body.detail, /and 1000 more/)
  })

  it('what is not HTTP, or too much of it', async () => {
    assert.match(
      await at.raw('nonsense\r\n\r\n'),
      /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*RequestInvalid/,
    )
    const headers = `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`
    assert.match(await at.raw(headers), /^HTTP\/1\.1 431 /)
    assert.match(await at.raw('GET /healthz HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /)
  })

  it('a body that never comes: 408; one that is cut off: nothing', async () => {
    const head =
      'POST /api/v1/workflows HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a"'
    const hurried = await harness({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 300 } })
    assert.match(await hurried.raw(head), /^HTTP\/1\.1 408 /)
    assert.match(await hurried.raw('GET /healthz HTTP/1.1\r\nhost: local'), /^HTTP\/1\.1 408 /)
    await hurried.stop()
    const runs = at.engine.runs.length
    await new Promise<void>((resolve) => {
      const socket = connect(at.port, '127.0.0.1', () => socket.write(head, () => socket.resetAndDestroy()))
      socket.on('close', () => resolve())
    })
    assert.equal(at.engine.runs.length, runs)
  })
})
