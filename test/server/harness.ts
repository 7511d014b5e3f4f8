/**
 * A real server on a free loopback port over the fake engine. Every answer that `call` gets is held against the
 * OpenAPI document: its status must be documented and its body must match the schema.
 */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsModule from 'ajv-formats'
import { createServer, type PerdureServer } from '../../server/create.ts'
import { openApiDocument, operations } from '../../server/openapi.ts'
import type { ServerOptions } from '../../server/settings.ts'
import { FakeEngine } from './fake-engine.ts'

export { until } from '../until.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: bodies are looked into by assertions, after the schema has been checked
  readonly body: any
}

export interface CallOptions {
  readonly json?: unknown
  readonly text?: string | Uint8Array
  readonly headers?: { readonly [name: string]: string }
  readonly signal?: AbortSignal
}

export interface Harness {
  readonly engine: FakeEngine
  readonly server: PerdureServer
  readonly url: string
  readonly port: number
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** Writes bytes to a socket and gives all that comes back until it closes. */
  raw(text: string): Promise<string>
  stop(): Promise<void>
}

export const hello = 'dsl: perdure/1\nname: hello\nversion: 1.0.0\nsteps:\n  - return: 1\n'

export async function harness(
  options: Partial<Omit<ServerOptions, 'engine'>> & { engine?: FakeEngine } = {},
): Promise<Harness> {
  const engine = options.engine ?? new FakeEngine()
  const server = createServer({ port: 0, ...options, engine })
  const { url } = await server.start()
  const { port, hostname } = new URL(url)
  return {
    engine,
    server,
    url,
    port: Number(port),
    call: (method, path, callOptions) => call(url, method, path, callOptions),
    raw: (text) => raw(hostname, Number(port), text),
    stop: () => server.stop(1_000),
  }
}

export async function call(
  url: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { json, text, headers = {}, signal } = options
  const type = json === undefined ? {} : { 'content-type': 'application/json' }
  const body = json === undefined ? text : JSON.stringify(json)
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...type, ...headers },
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  })
  const answerText = await response.text()
  const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '')
  const answer = {
    status: response.status,
    headers: response.headers,
    text: answerText,
    body: isJson && answerText !== '' ? JSON.parse(answerText) : undefined,
  }
  holdsToDocument(method, new URL(`${url}${path}`).pathname, answer)
  return answer
}

function raw(host: string, port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(port, host, () => socket.write(text))
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      received += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
}

const ajv = new Ajv2020({ strict: false, allErrors: true })
const addFormats = 'default' in formatsModule ? formatsModule.default : formatsModule
addFormats(ajv)
ajv.addFormat('perdure-duration', true)
ajv.addSchema(closed(JSON.parse(JSON.stringify(openApiDocument))), 'document', undefined, false)

/** Answers may gain keys in later releases; this release documents all that it sends. Events alone are open. */
// biome-ignore lint/suspicious/noExplicitAny: a walk over any JSON
function closed(schema: any, name = ''): any {
  if (typeof schema !== 'object' || schema === null) return schema
  for (const [key, inner] of Object.entries(schema)) closed(inner, key)
  if (schema.type === 'object' && schema.properties !== undefined && name !== 'HistoryEvent')
    schema.additionalProperties ??= false
  return schema
}

function schemaHolds(name: string, value: unknown, where: string): void {
  const validate = ajv.compile({ $ref: `document#/components/schemas/${name}` })
  assert.ok(validate(value), `${where}: not a ${name}: ${ajv.errorsText(validate.errors)}`)
}

function holdsToDocument(method: string, pathname: string, answer: Answer): void {
  const where = `${method} ${pathname} -> ${answer.status}`
  const type = (answer.headers.get('content-type') ?? '').split(';')[0]
  if (answer.status >= 400) {
    if (method === 'HEAD') return
    assert.equal(type, 'application/problem+json', where)
    schemaHolds('ProblemDetails', answer.body, where)
    assert.equal(answer.body.status, answer.status, where)
    assert.equal(answer.body.instance, pathname.replace('%zz', '%25zz'), where)
    return
  }
  const found = Object.values(operations)
    .filter((operation) => operation.method === method.toLowerCase())
    .filter((operation) => pathPattern(operation.path).test(pathname))
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
  if (found === undefined) {
    assert.ok(method === 'OPTIONS' || method === 'HEAD', `${where}: no such operation`)
    return
  }
  const shape = found.responses[String(answer.status)]
  assert.ok(shape !== undefined, `${where}: the status is not documented`)
  if (shape.schema === undefined) assert.equal(answer.text, '', where)
  else {
    const types = [...(shape.contentTypes ?? ['application/json']), ...(shape.textTypes ?? [])]
    assert.ok(types.includes(type ?? ''), `${where}: ${type}`)
    if (answer.body !== undefined) schemaHolds(shape.schema, answer.body, where)
  }
}

function pathPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`)
}
