/** One line per request: who, what, how it ended, how long. Never a body, a query string or a key. */
import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'
import type { Logger } from 'pino'

const probes: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

/** The caller's own `x-request-id` where it is harmless in a log, else a new one. Sent back with the answer. */
export function requestIdOf(request: Request): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : randomUUID()
}

export function logRequest(log: Logger, request: Request, response: Response, requestId: string): void {
  const startedMs = performance.now()
  response.once('close', () => {
    const text = (name: string) =>
      typeof response.locals[name] === 'string' ? response.locals[name] : undefined
    const line = {
      requestId,
      method: request.method,
      path: request.path,
      operation: text('operationId'),
      status: response.statusCode,
      code: text('code'),
      caller: text('caller'),
      durationMs: Math.round((performance.now() - startedMs) * 10) / 10,
      ...(response.writableFinished ? {} : { disconnected: true }),
    }
    if (response.statusCode >= 500 && response.statusCode !== 501) log.warn(line, 'request failed')
    // Probes come every few seconds for ever.
    else if (probes.has(request.path) && response.statusCode < 400) log.debug(line, 'request')
    else log.info(line, 'request')
  })
}
