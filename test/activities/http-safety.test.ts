/** `http.request` against real local servers: redirects, secrets, cancellation and timeout. */
import assert from 'node:assert/strict'
import { outcomeOf, taskOf } from './attempts.ts'
import { answered, lastReceived, made, other, refused, service, useServices } from './http-exchange.ts'
import { LocalService } from './local-service.ts'

describe('http.request follows redirects', () => {
  useServices()

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
  useServices()

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
  useServices()

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
