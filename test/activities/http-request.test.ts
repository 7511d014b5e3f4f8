/** `http.request` against a real local server: what is sent, what comes back, what fails and how. */
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import type { Json } from '../../schema/json.ts'
import { outcomeOf, taskOf } from './attempts.ts'
import { answered, lastReceived, made, refused, service, useServices } from './http-exchange.ts'
import { LocalService } from './local-service.ts'

describe('http.request sends', () => {
  useServices()

  it('a GET with query and headers', async () => {
    await answered({
      url: `${service.url}/orders?a=1`,
      query: { b: 'x y', c: [1, 2], d: null, e: true },
      headers: { 'X-Count': 3, Accept: 'text/plain' },
    })
    const { method, url, headers } = lastReceived()
    assert.equal(method, 'GET')
    assert.equal(url, '/orders?a=1&b=x+y&c=1&c=2&e=true')
    assert.equal(headers['x-count'], '3')
    assert.equal(headers.accept, 'text/plain')
    assert.equal(headers['idempotency-key'], undefined)
  })

  it('JSON, and text as it is', async () => {
    await answered({ method: 'POST', url: service.url, json: { qty: 2, name: 'é' } })
    assert.equal(lastReceived().body, '{"qty":2,"name":"é"}')
    assert.equal(lastReceived().headers['content-type'], 'application/json')
    await answered({
      method: 'PUT',
      url: service.url,
      body: 'a,b\n',
      headers: { 'content-type': 'text/csv' },
    })
    assert.equal(lastReceived().body, 'a,b\n')
    assert.equal(lastReceived().headers['content-type'], 'text/csv')
  })

  it('an idempotency key with POST and PATCH that is the same on every attempt, unless told otherwise', async () => {
    const { runner } = made()
    for (const attempt of [1, 2])
      await outcomeOf(
        runner,
        taskOf('http.request', { attempt, input: { method: 'POST', url: service.url, json: 1 } }),
      )
    assert.deepEqual(
      service.received.map(({ headers }) => headers['idempotency-key']),
      ['r-1/1', 'r-1/1'],
    )
    await answered({ method: 'PATCH', url: service.url, idempotencyKey: false })
    assert.equal(lastReceived().headers['idempotency-key'], undefined)
    await answered({ method: 'POST', url: service.url, headers: { 'Idempotency-Key': 'mine' } })
    assert.equal(lastReceived().headers['idempotency-key'], 'mine')
    await answered({ method: 'DELETE', url: service.url, idempotencyKey: true })
    assert.equal(lastReceived().headers['idempotency-key'], 'r-1/1')
  })

  it('credentials of the URL as basic authorization', async () => {
    await answered({ url: `http://ada:p%40ssword@${service.host}/` })
    assert.equal(
      lastReceived().headers.authorization,
      `Basic ${Buffer.from('ada:p@ssword').toString('base64')}`,
    )
  })
})

describe('http.request gives', () => {
  useServices()

  it('status, selected headers and a JSON body', async () => {
    service.answer = (_request, response) => {
      response.writeHead(201, {
        'content-type': 'application/vnd.api+json; charset=utf-8',
        location: '/orders/7',
        'x-rate-limit': '10',
        'x-other': 'no',
        'set-cookie': 'session=abcdef123',
      })
      response.end('{"id":7}')
    }
    const { status, headers, body } = await answered({
      method: 'POST',
      url: service.url,
      responseHeaders: ['X-Rate-Limit', 'Set-Cookie'],
    })
    assert.equal(status, 201)
    assert.deepEqual(body, { id: 7 })
    assert.equal(headers['x-rate-limit'], '10')
    assert.equal(headers['location'], '/orders/7')
    assert.equal('x-other' in headers || 'set-cookie' in headers, false)
  })

  it('text, base64 for what is neither text nor JSON, and null for nothing', async () => {
    const cases: readonly (readonly [string, Buffer, Json, object])[] = [
      ['text/csv', Buffer.from('a,b'), 'a,b', {}],
      ['text/plain; charset=iso-8859-1', Buffer.from([0xe9]), 'é', {}],
      ['image/png', Buffer.from([0, 1, 2]), 'AAEC', { encoding: 'base64' }],
      ['application/json', Buffer.alloc(0), null, {}],
    ]
    for (const [type, bytes, body, more] of cases) {
      service.answer = (_request, response) => {
        response.writeHead(200, { 'content-type': type })
        response.end(bytes)
      }
      const result = await answered({ url: service.url })
      assert.deepEqual(
        { body: result.body, ...more },
        { body, ...(result.encoding ? { encoding: result.encoding } : {}) },
      )
    }
  })

  it('an error that is expected', async () => {
    service.answer = (_request, response) => {
      response.statusCode = 404
      response.end('none')
    }
    assert.equal((await answered({ url: service.url, expectStatus: ['2xx', 404] })).status, 404)
    assert.equal((await answered({ url: service.url, expectStatus: ['4xx'] })).status, 404)
    assert.equal((await refused({ url: service.url, expectStatus: [200, 403] })).type, 'HttpStatusError')
  })
})

describe('http.request fails', () => {
  useServices()

  const statuses: readonly (readonly [number, boolean])[] = [
    [400, false],
    [401, false],
    [404, false],
    [408, true],
    [409, false],
    [422, false],
    [425, true],
    [429, true],
    [500, true],
    [501, false],
    [502, true],
    [503, true],
    [504, true],
  ]
  for (const [status, retryable] of statuses)
    it(`with ${status}, ${retryable ? 'worth another attempt' : 'for good'}`, async () => {
      service.answer = (_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'q-1' })
        response.end('{"why":"because"}')
      }
      const error = await refused({ url: `${service.url}/x` })
      assert.equal(error.type, 'HttpStatusError')
      assert.equal(error.retryable, retryable)
      assert.match(error.message, new RegExp(`^GET http://127\\.0\\.0\\.1:\\d+/x answered ${status}`))
      const details = error.details as { status: number; body: string; headers: { [name: string]: string } }
      assert.equal(details.status, status)
      assert.equal(details.body, '{"why":"because"}')
      assert.equal(details.headers['x-request-id'], 'q-1')
    })

  it('with the delay that the service asks for, in seconds or as a date, within a bound', async () => {
    const ask = async (header: string, status = 503) => {
      service.answer = (_request, response) => {
        response.writeHead(status, { 'retry-after': header })
        response.end()
      }
      return (await refused({ url: service.url })).retryAfterMs
    }
    assert.equal(await ask('7'), 7_000)
    assert.equal(await ask('0', 429), 0)
    const inTenMinutes = await ask(new Date(Date.now() + 600_000).toUTCString())
    assert.ok(inTenMinutes !== undefined && inTenMinutes > 590_000 && inTenMinutes <= 600_000)
    assert.equal(await ask(new Date(0).toUTCString()), 0)
    assert.equal(await ask('999999999'), 24 * 3_600_000)
    assert.equal(await ask('soon'), undefined)
    assert.equal(await ask('7', 404), undefined)
  })

  it('where nobody listens, and where the connection breaks: worth another attempt', async () => {
    const gone = new LocalService()
    await gone.open()
    const { url } = gone
    await gone.close()
    const refusedError = await refused({ url })
    assert.equal(refusedError.type, 'HttpNetworkError')
    assert.equal(refusedError.retryable, true)
    assert.match(refusedError.message, /ECONNREFUSED/)
    assert.deepEqual(refusedError.details, { code: 'ECONNREFUSED' })
    service.answer = (request) => request.socket.destroy()
    const broken = await refused({ url: service.url })
    assert.equal(broken.type, 'HttpNetworkError')
    assert.equal(broken.retryable, true)
    service.answer = (request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('half', () => request.socket.destroy())
    }
    assert.equal((await refused({ url: service.url })).type, 'HttpNetworkError')
  })

  it('where there is no answer in time', async () => {
    service.answer = () => {}
    const error = await refused({ url: service.url, timeout: '50ms' })
    assert.equal(error.type, 'HttpTimeout')
    assert.equal(error.retryable, true)
    assert.match(error.message, /within 50 ms \(timeout\)/)
    service.answer = (_request, response) => {
      response.writeHead(200)
      response.write('and then nothing')
    }
    assert.equal((await refused({ url: service.url, timeout: '50ms' })).type, 'HttpTimeout')
  })

  it('where the response is larger than allowed, also only once unpacked', async () => {
    service.answer = (_request, response) => response.end('x'.repeat(101))
    assert.equal((await answered({ url: service.url, maxResponseBytes: 101 })).status, 200)
    const error = await refused({ url: service.url, maxResponseBytes: 100 })
    assert.equal(error.type, 'HttpResponseTooLarge')
    assert.equal(error.retryable, false)
    assert.match(error.message, /larger than 100 bytes \(maxResponseBytes\)/)
    service.answer = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(gzipSync(Buffer.alloc(50_000_000)))
    }
    assert.equal((await refused({ url: service.url })).type, 'HttpResponseTooLarge')
  })

  it('where what is said to be JSON is none', async () => {
    service.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('<html>')
    }
    const error = await refused({ url: service.url })
    assert.equal(error.type, 'HttpResponseInvalid')
    assert.equal((await answered({ url: service.url, responseType: 'text' })).body, '<html>')
  })

  const wrong: readonly (readonly [Json, string, RegExp])[] = [
    [{}, 'ActivityInputInvalid', /url: is missing/],
    [{ url: 'x', methd: 'GET' }, 'ActivityInputInvalid', /methd: is not a known property/],
    [{ url: 'x', method: 'FETCH' }, 'ActivityInputInvalid', /method: must be one of/],
    [{ url: 'x', expectStatus: ['ok'] }, 'ActivityInputInvalid', /expectStatus\[0\]/],
    [{ url: 'http://x', json: 1, body: 'x' }, 'ActivityInputInvalid', /NOT be valid/],
    [{ url: '/orders' }, 'HttpRequestInvalid', /whole URL/],
    [{ url: 'file:///etc/passwd' }, 'HttpRequestInvalid', /file:/],
    [{ url: 'http://x', timeout: '5' }, 'HttpRequestInvalid', /"5" is not a duration/],
    [{ url: 'http://x', body: 'x' }, 'HttpRequestInvalid', /GET request has no body/],
    [{ url: 'http://x', headers: { 'a b': 'c' } }, 'HttpRequestInvalid', /header "a b"/],
    [{ url: 'http://x', headers: { a: 'b\r\nc: d' } }, 'HttpRequestInvalid', /header "a"/],
    [{ url: 'http://x', headers: { a: { secret: 'NONE' } } }, 'SecretNotFound', /PERDURE_SECRET_NONE/],
  ]
  for (const [input, type, message] of wrong)
    it(`for good with the input ${JSON.stringify(input)}`, async () => {
      const error = await refused(input)
      assert.equal(error.type, type)
      assert.equal(error.retryable, false)
      assert.match(error.message, message)
    })
})
