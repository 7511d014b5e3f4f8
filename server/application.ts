/** The Express application: guards before the routes, problem+json after them. Knows nothing of sockets. */
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import type { Logger } from 'pino'
import { refuseForeignHost, refuseForeignOrigin } from './access/browser-guard.ts'
import { type MountContext, mountOperations } from './mount.ts'
import { isBug, problemContentType, problemOf, RequestError } from './problems.ts'
import { logRequest, requestIdOf } from './request-log.ts'

export interface ApplicationContext extends MountContext {
  readonly log: Logger
  readonly allowedOrigins: readonly string[]
  /** A server without keys, which answers to names of this machine alone. */
  readonly localOnly: boolean
}

export function buildApplication(context: ApplicationContext): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.enable('strict routing')
  app.set('query parser', false)

  app.use((request, response, next) => {
    const requestId = requestIdOf(request)
    response.locals['requestId'] = requestId
    response.set({
      'x-request-id': requestId,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    if (context.open.stopping) response.set('connection', 'close')
    logRequest(context.log, request, response, requestId)
    if (context.localOnly) refuseForeignHost(request.headers)
    refuseForeignOrigin(request.method, request.headers, context.allowedOrigins)
    next()
  })
  mountOperations(app, context)
  app.use((request: Request) => {
    throw new RequestError('RouteNotFound', `there is nothing at ${request.path}`, {
      suggestion: 'GET /api/v1/openapi.json lists the routes',
    })
  })
  // Express tells an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    answerProblem(context.log, error, request, response)
  })
  return app
}

function answerProblem(log: Logger, error: unknown, request: Request, response: Response): void {
  const requestId = String(response.locals['requestId'])
  if (isBug(error)) log.error({ requestId, err: error }, 'a bug in a route')
  // The answer is under way: it can only be cut off. A reader of events comes back with its last event id.
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { status, headers, body } = problemOf(error, request.path, requestId)
  response.locals['code'] = body.code
  response.status(status).set(headers).set('content-type', problemContentType).send(JSON.stringify(body))
}
