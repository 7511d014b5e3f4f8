import assert from 'node:assert/strict'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsModule from 'ajv-formats'
import { pino } from 'pino'
import { longestIdCharacters, longestReasonCharacters } from '../../engine/doors/request-texts.ts'
import { buildApplication } from '../../server/application.ts'
import { errorCatalogue } from '../../server/error-catalogue.ts'
import { OpenRequests } from '../../server/open-requests.ts'
import { builtOperations, openApiDocument, operations } from '../../server/openapi.ts'
import { bytesReader } from '../../server/requests/body.ts'
import { defaultServerLimits } from '../../server/settings.ts'
import { FakeEngine } from './fake-engine.ts'
import { type Harness, harness } from './harness.ts'

/** Of the route's methods, those that are set. */
function methodsOf(route: object): string[] {
  return 'methods' in route && typeof route.methods === 'object' && route.methods !== null
    ? Object.keys(route.methods)
    : []
}

/** What Express has, read from its own table and not from ours. `app.all` of a path mounts `_all` or each method. */
function mountedRoutes(): Set<string> {
  const app = buildApplication({
    engine: new FakeEngine(),
    limits: defaultServerLimits,
    keys: [],
    readBytes: bytesReader(1_000),
    open: new OpenRequests(),
    log: pino({ level: 'silent' }),
    allowedOrigins: [],
    localOnly: true,
  })
  const found = new Set<string>()
  for (const { route } of app.router.stack) {
    if (route === undefined) continue
    const methods = methodsOf(route)
    // The answer for other methods is not a route of the API.
    if (methods.length > 1 || methods.includes('_all')) continue
    for (const method of methods) found.add(`${method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`)
  }
  return found
}

function documentedRoutes(): Set<string> {
  const found = new Set<string>()
  for (const [path, methods] of Object.entries(openApiDocument.paths))
    for (const method of Object.keys(methods)) found.add(`${method} ${path}`)
  return found
}

/** Each `$ref` in a value. */
function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : referencesIn(inner),
  )
}

describe('server: the OpenAPI document', () => {
  let at: Harness
  before(async () => {
    at = await harness()
  })
  after(() => at.stop())

  it('has the routes that are mounted, and no other', () => {
    const mounted = mountedRoutes()
    assert.ok(mounted.size > 50, `saw ${mounted.size} routes`)
    assert.deepEqual([...documentedRoutes()].sort(), [...mounted].sort())
  })

  it('is served without a key, as it is', async () => {
    const served = await at.call('GET', '/api/v1/openapi.json')
    assert.equal(served.status, 200)
    assert.equal(served.body.openapi, '3.1.0')
    assert.deepEqual(served.body, JSON.parse(JSON.stringify(openApiDocument)))
  })

  it('names every operation once, each path parameter, and at least one success or 501', () => {
    const ids = new Set<string>()
    for (const [path, methods] of Object.entries(openApiDocument.paths)) {
      assert.match(path, /^\//)
      for (const entry of Object.values(methods)) {
        const operation = entry as {
          operationId: string
          parameters: { name: string; in: string; required: boolean; schema: unknown }[]
          responses: { [status: string]: unknown }
        }
        assert.equal(ids.has(operation.operationId), false, operation.operationId)
        ids.add(operation.operationId)
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
        const declared = operation.parameters.filter((one) => one.in === 'path')
        assert.deepEqual(declared.map((one) => one.name).sort(), inPath.sort(), path)
        assert.ok(declared.every((one) => one.required))
        const statuses = Object.keys(operation.responses)
        assert.ok(
          statuses.some((status) => /^2\d\d$|^501$/.test(status)),
          operation.operationId,
        )
        assert.ok(statuses.includes('default'))
      }
    }
    assert.deepEqual([...ids].sort(), Object.keys(operations).sort())
  })

  it('refers to schemas that exist, uses all of them, and each is JSON Schema 2020-12', () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })
    const addFormats = 'default' in formatsModule ? formatsModule.default : formatsModule
    addFormats(ajv)
    ajv.addFormat('perdure-duration', true)
    ajv.addVocabulary(Object.keys(openApiDocument))
    ajv.addSchema(openApiDocument, 'document', undefined, false)
    const names = Object.keys(openApiDocument.components.schemas)
    const used = new Set(referencesIn(openApiDocument))
    assert.deepEqual([...used].sort(), names.map((name) => `#/components/schemas/${name}`).sort())
    for (const [name, schema] of Object.entries(openApiDocument.components.schemas)) {
      assert.ok(ajv.validateSchema(schema), name)
      ajv.compile({ $ref: `document#/components/schemas/${name}` })
    }
  })

  it('says which role each route takes', () => {
    for (const [id, { role, path, method }] of Object.entries(operations)) {
      if (role === 'public') assert.ok(method === 'get', id)
      else if (role === 'reader') assert.ok(method === 'get' || /validate|queries/.test(path), id)
    }
  })

  it('answers 501 by name where the interface names what is not built', async () => {
    const planned = Object.entries(operations).filter(([id]) => !Object.hasOwn(builtOperations, id))
    assert.ok(planned.length > 20)
    for (const [id, { method, path, summary }] of planned) {
      const answer = await at.call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x'))
      assert.equal(answer.status, 501, id)
      assert.equal(answer.body.code, 'NotSupported')
      assert.equal(answer.body.detail, `${summary}: not supported yet`)
    }
  })

  it('answers 404 to other paths, and 405 with Allow to other methods', async () => {
    for (const path of [
      '/api/v1/nothing',
      '/api/v2/workflows',
      '/api/v1/Workflows',
      '/api/v1/workflows/',
      '/x',
    ]) {
      const answer = await at.call('GET', path)
      assert.deepEqual([answer.status, answer.body.code], [404, 'RouteNotFound'], path)
    }
    const cases = [
      ['DELETE', '/api/v1/workflows', 'GET, HEAD, POST, OPTIONS'],
      ['PUT', '/api/v1/workflows/count', 'GET, HEAD, OPTIONS'],
      ['GET', '/api/v1/workflows/w/cancel', 'POST, OPTIONS'],
      ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
      ['PATCH', '/api/v1/definitions/hello/rollout', 'GET, HEAD, PUT, OPTIONS'],
    ] as const
    for (const [method, path, allow] of cases) {
      const answer = await at.call(method, path)
      assert.deepEqual([answer.status, answer.body.code], [405, 'MethodNotAllowed'], `${method} ${path}`)
      assert.deepEqual(answer.headers.get('allow')?.split(', ').sort(), allow.split(', ').sort())
    }
    const options = await at.call('OPTIONS', '/api/v1/workflows')
    assert.equal(options.status, 204)
    assert.match(options.headers.get('allow') ?? '', /POST/)
    assert.equal(options.headers.get('access-control-allow-origin'), null)
    assert.equal((await at.call('HEAD', '/healthz')).status, 200)
  })

  it('has a code for each refusal, with a status of its own family', () => {
    for (const [code, { status, summary }] of Object.entries(errorCatalogue)) {
      assert.match(code, /^[A-Z][A-Za-z]+$/)
      assert.ok(status >= 400 && status < 600, code)
      assert.notEqual(summary, '')
    }
  })

  it('has the limits of the engine', () => {
    const text = JSON.stringify(openApiDocument.components.schemas)
    const named = [...text.matchAll(/"(requestId|reason|workflowId|updateId)":\{[^{}]*"maxLength":(\d+)/g)]
    assert.ok(named.length > 3)
    for (const [, name, longest] of named) {
      assert.equal(Number(longest), name === 'reason' ? longestReasonCharacters : longestIdCharacters, name)
    }
  })

  it("serves the language's schema", async () => {
    const answer = await at.call('GET', '/api/v1/workflow.schema.json')
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('content-type'), 'application/schema+json; charset=utf-8')
    assert.equal(answer.body.type ?? 'object', 'object')
    assert.match(String(answer.body.$schema), /2020-12/)
  })
})
