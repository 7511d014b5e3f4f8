/**
 * Keeps the pages of strangers out. A page that a user of this machine opens can reach loopback: by rebinding its own
 * name to 127.0.0.1 (then `Host` is its name), or by a form or fetch to us (then `Origin` is its origin). Keys are no
 * answer to the first on a server that has none.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { RequestError } from '../problems.ts'
import { isLoopback } from '../settings.ts'

/** On a loopback server without keys. */
export function refuseForeignHost(headers: IncomingHttpHeaders): void {
  const host = hostName(headers.host ?? '')
  if (host !== null && isLoopback(host)) return
  throw new RequestError(
    'HostRefused',
    'this server without API keys answers to names of this machine alone',
    {
      suggestion: 'use http://127.0.0.1 or http://localhost, or configure API keys',
    },
  )
}

const changesNothing = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Programs send no `Origin`; browsers send it with everything that changes something. */
export function refuseForeignOrigin(
  method: string,
  headers: IncomingHttpHeaders,
  allowedOrigins: readonly string[],
): void {
  if (changesNothing.has(method)) return
  const { origin, host, 'sec-fetch-site': site } = headers
  if (origin !== undefined) {
    if (allowedOrigins.includes(origin)) return
    if (sameHost(origin, host)) return
  } else if (site === undefined || site === 'same-origin' || site === 'none') return
  throw new RequestError(
    'OriginRefused',
    `a page of ${origin ?? 'another site'} may not change anything here`,
    {
      suggestion: 'add the origin to `allowedOrigins` if it is yours',
    },
  )
}

function sameHost(origin: string, host: string | undefined): boolean {
  try {
    return host !== undefined && new URL(origin).host === new URL(`http://${host}`).host
  } catch {
    return false
  }
}

function hostName(host: string): string | null {
  try {
    return new URL(`http://${host}`).hostname
  } catch {
    return null
  }
}
