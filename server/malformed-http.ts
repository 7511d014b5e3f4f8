/** What is not HTTP, or too slow or too large to become a request, answered on the bare socket. */
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ProblemDetails } from './api.ts'
import { problemContentType } from './problems.ts'

interface Refusal {
  readonly status: number
  readonly reason: string
  readonly detail: string
}

function refusalOf(code: string | undefined): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, reason: 'Request Header Fields Too Large', detail: 'the headers are too large' }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, reason: 'Request Timeout', detail: 'the request did not arrive in time' }
    default:
      return { status: 400, reason: 'Bad Request', detail: 'this is not an HTTP request' }
  }
}

/** For the `clientError` event of an HTTP server. */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable || wroteAlready(socket)) {
    socket.destroy()
    return
  }
  const { status, reason, detail } = refusalOf(error.code)
  const problem: ProblemDetails = {
    type: 'urn:perdure:error:RequestInvalid',
    title: 'the request is not well formed',
    status,
    detail,
    instance: '/',
    code: 'RequestInvalid',
  }
  const body = JSON.stringify(problem)
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: ${problemContentType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** A second answer on a socket that carries one would be read as part of it. */
function wroteAlready(socket: Duplex): boolean {
  return socket instanceof Socket && socket.bytesWritten > 0
}
