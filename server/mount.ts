/**
 * From the tables of operations to Express routes: access, body, validation, handler, answer, in this order for every
 * route. A route that is not in a table cannot be mounted, and an operation without a handler does not compile.
 */
import type { Express, Request, Response } from 'express'
import { identify, type KeyRing, localOwner } from './access/keys.ts'
import { authorize } from './access/roles.ts'
import type { Engine } from './engine-door.ts'
import type { OpenRequests } from './open-requests.ts'
import { type BuiltOperationId, builtOperations, operations } from './openapi.ts'
import type { Operation } from './operations/operation.ts'
import { RequestError } from './problems.ts'
import { type BytesReader, documentBody, jsonBody } from './requests/body.ts'
import { readHeaders, readPath, readQuery } from './requests/parameters.ts'
import { findUnstorable } from './requests/plain-values.ts'
import { inputValidator, type RawInput } from './requests/validate.ts'
import { controlHandlers } from './routes/control.ts'
import { definitionHandlers } from './routes/definitions.ts'
import { deliveryHandlers } from './routes/deliveries.ts'
import type { Answer, Handlers, OperationInputs } from './routes/handler.ts'
import { historyHandlers } from './routes/history.ts'
import { messageHandlers } from './routes/messages.ts'
import { serviceHandlers } from './routes/service.ts'
import { workflowHandlers } from './routes/workflows.ts'
import type { ServerLimits } from './settings.ts'

export interface MountContext {
  readonly engine: Engine
  readonly limits: ServerLimits
  readonly keys: KeyRing
  readonly readBytes: BytesReader
  readonly open: OpenRequests
}

const handlers: Handlers<BuiltOperationId> = {
  ...serviceHandlers,
  ...definitionHandlers,
  ...workflowHandlers,
  ...historyHandlers,
  ...messageHandlers,
  ...controlHandlers,
  ...deliveryHandlers,
}

export function mountOperations(app: Express, context: MountContext): void {
  // Literal paths before those with parameters, else `/workflows/count` would be an execution called `count`.
  const ordered = Object.entries(operations).sort(([, a], [, b]) => wildness(a) - wildness(b))
  for (const [id, operation] of ordered) {
    if (isBuilt(id)) mountBuilt(app, context, id)
    else mountPlanned(app, context, operation)
  }
  mountOtherMethods(app)
}

function isBuilt(id: string): id is BuiltOperationId {
  return Object.hasOwn(builtOperations, id)
}

function wildness({ path }: Operation): number {
  return path.split('{').length
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

function mountBuilt<Id extends BuiltOperationId>(app: Express, context: MountContext, id: Id): void {
  const operation: Operation = builtOperations[id]
  const validate = inputValidator<OperationInputs[Id]>(operation)
  const handler = handlers[id]
  app[operation.method](expressPath(operation.path), async (request, response) => {
    response.locals['operationId'] = id
    const query = readQuery(operation, searchOf(request))
    admit(context, operation, request, response, query['namespace'])
    const raw = { path: readPath(request.params), query, header: readHeaders(operation, request.headers) }
    const input = validate(await withBody(context, operation, raw, request, response))
    const answer = await handler({
      engine: context.engine,
      limits: context.limits,
      input,
      ended: context.open.begin(response),
      draining: context.open.stopping,
      preferred: (types) => preferredType(request, types),
    })
    await send(request, response, answer)
  })
}

function mountPlanned(app: Express, context: MountContext, operation: Operation): void {
  app[operation.method](expressPath(operation.path), async (request, response) => {
    admit(context, operation, request, response, searchOf(request).get('namespace') ?? 'default')
    throw new RequestError('NotSupported', `${operation.summary}: not supported yet`, {
      suggestion: 'see /api/v1/openapi.json for what is',
    })
  })
}

/** After all routes: a path that is known with a method that is not. */
function mountOtherMethods(app: Express): void {
  const methods = new Map<string, string[]>()
  for (const { path, method } of Object.values(operations)) {
    const known = methods.get(path) ?? []
    known.push(method.toUpperCase(), ...(method === 'get' ? ['HEAD'] : []))
    methods.set(path, known)
  }
  const paths = [...methods].sort(([a], [b]) => a.split('{').length - b.split('{').length)
  for (const [path, known] of paths)
    app.all(expressPath(path), (request, response) => {
      const allow = [...known, 'OPTIONS'].join(', ')
      if (request.method === 'OPTIONS') {
        response.status(204).set('allow', allow).end()
        return
      }
      throw new RequestError('MethodNotAllowed', `${request.method} is not a method of this route`, {
        suggestion: `it takes ${known.join(', ')}`,
        headers: { allow },
      })
    })
}

function searchOf(request: Request): URLSearchParams {
  const at = request.originalUrl.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : request.originalUrl.slice(at + 1))
}

/** Before the body is read: a stranger's body costs no memory. */
function admit(
  context: MountContext,
  operation: Operation,
  request: Request,
  response: Response,
  namespace: unknown,
): void {
  if (operation.role === 'public') return
  const caller = context.keys.length === 0 ? localOwner : identify(context.keys, request.headers)
  response.locals['caller'] = caller.name
  authorize(caller, operation.role, typeof namespace === 'string' ? namespace : null)
}

/** The whole input, looked through for what no store can keep. A document is text and has its own checks. */
async function withBody(
  context: MountContext,
  operation: Operation,
  raw: Omit<RawInput, 'body'>,
  request: Request,
  response: Response,
): Promise<RawInput> {
  for (const place of ['path', 'query'] as const) refuseUnstorable(raw[place], place, context)
  const { body } = operation
  if (body === undefined) return raw
  const bytes = await context.readBytes(request, response)
  const contentType = request.headers['content-type']
  if (body.kind === 'document') return { ...raw, body: { ...documentBody(bytes, contentType) } }
  const value = jsonBody(body, bytes, contentType)
  refuseUnstorable(value, 'body', context)
  return { ...raw, body: value }
}

function refuseUnstorable(
  value: RawInput['path'],
  place: 'path' | 'query' | 'body',
  context: MountContext,
): void {
  const fault = findUnstorable(value, place, context.limits.bodyNesting)
  if (fault === null) return
  const where = fault.pointer === '' ? place : `${place} ${fault.pointer}`
  throw new RequestError('RequestInvalid', `${where} ${fault.message}`, {
    errors: [fault],
    ...(fault.suggestion === undefined ? {} : { suggestion: fault.suggestion }),
  })
}

/** Without `Accept`, or with one that names none of them, the first: a problem document would fit no better. */
function preferredType(request: Request, types: readonly string[]): string {
  const chosen = request.accepts([...types])
  return chosen === false ? (types[0] ?? '') : chosen
}

async function send(request: Request, response: Response, answer: Answer): Promise<void> {
  switch (answer.kind) {
    case 'json':
      response
        .status(answer.status)
        .set({ ...answer.headers })
        .json(answer.body)
      return
    case 'text':
      response
        .status(answer.status)
        .set({ 'content-type': answer.contentType, ...answer.headers })
        .send(answer.body)
      return
    case 'empty':
      response.status(answer.status).end()
      return
    case 'stream':
      response.writeHead(200, { 'content-type': answer.contentType, ...answer.headers })
      if (request.method === 'HEAD') response.end()
      else await answer.write(response)
      return
    default:
      answer satisfies never
  }
}
