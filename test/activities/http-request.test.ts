/** `http.request` against a real local server: what is sent, what comes back, what fails and how, and no secrets. */
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { builtInActivities } from '../../activities/builtin/index.ts'
import type { AttemptOutcome } from '../../activities/contract.ts'
import { parseDuration } from '../../schema/duration.ts'
import type { Json } from '../../schema/json.ts'
import { outcomeOf, runnerOf, settle, taskOf } from './attempts.ts'
import { LocalService } from './local-service.ts'

const environment = { PERDURE_SECRET_API: 's3cr3t-value', PERDURE_SECRET_OTHER: 'another/secret+1' }
const service = new LocalService()
const other = new LocalService()

function made() {
  return runnerOf(builtInActivities({ parseDuration, environment }))
}

function send(input: Json): Promise<AttemptOutcome> {
  return outcomeOf(made().runner, taskOf('http.request', { input }))
}

async function answered(input: Json) {
  const outcome = await send(input)
  assert.ok(outcome.kind === 'completed', JSON.stringify(outcome))
  return outcome.result as {
    status: number
    headers: { [name: string]: string }
    body: Json
    encoding?: string
  }
}

async function refused(input: Json) {
  const outcome = await send(input)
  assert.ok(outcome.kind === 'failed', JSON.stringify(outcome))
  return { ...outcome.error, retryAfterMs: outcome.retryAfterMs }
}

function lastReceived() {
  const last = service.received.at(-1)
  assert.ok(last)
  return last
}

before(async () => {
  await service.open()
  await other.open()
})
after(async () => {
  await service.close()
  await other.close()
})
beforeEach(() => {
  service.received.length = 0
  other.received.length = 0
  service.answer = (_request, response) => response.end('ok')
  other.answer = (_request, response) => response.end('other')
})

describe('http.request sends', () => {
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

describe('http.request follows redirects', () => {
  it('as far as allowed, keeps method and body with 307 and becomes a GET with 303', async () => {
    service.answer = (request, response) => {
      const [, status, left] = /^\/(\d+)\/(\d+)$/.exec(request.url ?? '') ?? []
      if (Number(left) === 0) response.end('there')
      else {
        response.writeHead(Number(status), { location: `/${status}/${Number(left) - 1}` })
        response.end()
      }
    }
    assert.equal((await answered({ url: `${service.url}/302/5` })).body, 'there')
    const error = await refused({ url: `${service.url}/302/6` })
    assert.equal(error.type, 'HttpTooManyRedirects')
    await answered({ method: 'POST', url: `${service.url}/307/1`, body: 'x' })
    assert.deepEqual([lastReceived().method, lastReceived().body], ['POST', 'x'])
    await answered({ method: 'POST', url: `${service.url}/303/1`, body: 'x' })
    assert.deepEqual([lastReceived().method, lastReceived().body], ['GET', ''])
    const none = await answered({ url: `${service.url}/302/1`, followRedirects: 0, expectStatus: ['3xx'] })
    assert.equal(none.status, 302)
  })

  it('without handing secrets to another origin', async () => {
    service.answer = (_request, response) => {
      response.writeHead(302, { location: `${other.url}/x` })
      response.end()
    }
    const result = await answered({
      url: service.url,
      headers: { authorization: { secret: 'API', prefix: 'Bearer ' }, 'x-plain': 'kept' },
    })
    assert.equal(result.body, 'other')
    assert.equal(lastReceived().headers.authorization, 'Bearer s3cr3t-value')
    assert.equal(other.received[0]?.headers.authorization, undefined)
    assert.equal(other.received[0]?.headers['x-plain'], 'kept')
  })

  it('to no other scheme', async () => {
    service.answer = (_request, response) => {
      response.writeHead(302, { location: 'file:///etc/passwd' })
      response.end()
    }
    assert.equal((await refused({ url: service.url })).type, 'HttpRequestInvalid')
  })
})

describe('http.request keeps secrets out of what is recorded', () => {
  it('takes them from the environment, and masks them where the service echoes them', async () => {
    service.answer = (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': `s3cr3t-value` })
      response.end(JSON.stringify({ [`k s3cr3t-value`]: [request.headers.authorization, request.url] }))
    }
    const outcome = await answered({
      url: service.url,
      headers: { authorization: { secret: 'API', prefix: 'Bearer ' } },
      query: { q: { secret: 'OTHER' } },
    })
    assert.equal(lastReceived().headers.authorization, 'Bearer s3cr3t-value')
    assert.equal(new URL(lastReceived().url, service.url).searchParams.get('q'), 'another/secret+1')
    const recorded = JSON.stringify(outcome)
    assert.doesNotMatch(recorded, /s3cr3t|another.{0,3}secret/)
    assert.match(recorded, /k \*\*\*.*Bearer \*\*\*/)
  })

  it('masks credentials, sensitive headers and secret parameters in errors', async () => {
    service.answer = (request, response) => {
      response.writeHead(400, 'sessionvalue9')
      response.end(`${request.headers.authorization} ${request.headers.cookie}`)
    }
    const error = await refused({
      url: `http://ada:passw0rd@${service.host}/?access_token=tokenvalue1&own=ownvalue1&page=2`,
      headers: { cookie: 'sessionvalue9' },
      secretQuery: ['own'],
    })
    const recorded = JSON.stringify(error)
    assert.doesNotMatch(recorded, /passw0rd|tokenvalue1|ownvalue1|sessionvalue9|ada:|YWRhOnBhc3N3MHJk/)
    assert.match(error.message, /\?access_token=\*\*\*&own=\*\*\*&page=2 answered 400/)
  })

  it('also where the connection fails', async () => {
    const gone = new LocalService()
    await gone.open()
    const { host } = gone
    await gone.close()
    const error = await refused({ url: `http://ada:passw0rd@${host}/?q=x`, query: { q: { secret: 'API' } } })
    assert.doesNotMatch(JSON.stringify(error), /passw0rd|s3cr3t/)
  })
})

describe('http.request stops', () => {
  it('when its step is canceled', async () => {
    const { runner } = made()
    const reached = new Promise<void>((resolve) => {
      service.answer = () => resolve()
    })
    const outcome = outcomeOf(runner, taskOf('http.request', { input: { url: service.url } }))
    await reached
    runner.cancel({ runId: 'r-1', activityId: 1 })
    assert.equal((await outcome).kind, 'canceled')
  })

  it('when its attempt times out, and reports that', async () => {
    const { runner, clock } = made()
    let closed: () => void = () => {}
    const connectionClosed = new Promise<void>((resolve) => {
      closed = resolve
    })
    const reached = new Promise<void>((resolve) => {
      service.answer = (request) => {
        request.socket.on('close', closed)
        resolve()
      }
    })
    const outcome = outcomeOf(
      runner,
      taskOf('http.request', { input: { url: service.url }, settings: { startToCloseTimeoutMs: 1_000 } }),
    )
    await reached
    clock.advance(1_000)
    assert.equal((await outcome).kind, 'timedOut')
    await connectionClosed
  })
})

describe('log.write', () => {
  it('writes to the log with the address of the attempt and gives null', async () => {
    const lines: unknown[] = []
    const { runner } = runnerOf(builtInActivities({ parseDuration }), {
      log: {
        info: (...line) => lines.push(['info', ...line]),
        warn: (...line) => lines.push(['warn', ...line]),
        error() {},
      },
    })
    const outcome = await outcomeOf(
      runner,
      taskOf('log.write', { input: { level: 'warn', message: 'low stock', fields: { sku: 'a' } } }),
    )
    assert.ok(outcome.kind === 'completed')
    assert.equal(outcome.result, null)
    await outcomeOf(runner, taskOf('log.write', { activityId: 2, input: { message: 'plain' } }))
    await settle()
    const about = { workflowId: 'w-1', runId: 'r-1', step: 'charge', activity: 'log.write', attempt: 1 }
    assert.deepEqual(lines, [
      ['warn', 'low stock', { ...about, sku: 'a' }],
      ['info', 'plain', about],
    ])
  })

  it('refuses an unknown level', async () => {
    const { runner } = runnerOf(builtInActivities({ parseDuration }))
    const outcome = await outcomeOf(runner, taskOf('log.write', { input: { level: 'loud', message: 'x' } }))
    assert.ok(outcome.kind === 'failed')
    assert.equal(outcome.error.type, 'ActivityInputInvalid')
  })
})
