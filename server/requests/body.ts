/** Reads a request's body: bytes under the limit, UTF-8, and JSON or a document by its content type. */
import express, { type Request, type Response } from 'express'
import type { Json } from '../api.ts'
import { documentContentTypes } from '../openapi.ts'
import type { RequestBody } from '../operations/operation.ts'
import { RequestError } from '../problems.ts'
import { locateJsonFault } from './json-position.ts'

/** A document as it came. */
export interface DocumentBody {
  readonly source: string
  readonly format: 'yaml' | 'json'
}

export type BytesReader = (request: Request, response: Response) => Promise<Buffer>

/** `bodyBytes` counts after decompression, so that a small compressed body cannot fill the memory. */
export function bytesReader(bodyBytes: number): BytesReader {
  const read = express.raw({ type: () => true, limit: bodyBytes })
  return (request, response) =>
    new Promise((resolve, reject) => {
      read(request, response, (error?: unknown) => {
        if (error !== undefined && error !== null) reject(error)
        else resolve(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0))
      })
    })
}

/** A JSON body; `{}` where there is none and none is needed. */
export function jsonBody(
  shape: RequestBody & { kind: 'json' },
  bytes: Buffer,
  contentType: string | undefined,
): Json {
  if (bytes.length === 0) {
    if (!shape.required) return {}
    throw new RequestError('RequestInvalid', 'the body is missing', {
      suggestion: 'send a JSON object with content-type application/json',
      errors: [{ in: 'body', pointer: '', message: 'is missing' }],
    })
  }
  if (mediaType(contentType) !== 'application/json') throw wrongType(contentType, ['application/json'])
  return parseJson(utf8Text(bytes))
}

/** A document: its text, unread but for what a store could not keep. */
export function documentBody(bytes: Buffer, contentType: string | undefined): DocumentBody {
  const type = mediaType(contentType)
  const known = Object.entries(documentContentTypes).find(([name]) => name === type)
  if (known === undefined) throw wrongType(contentType, Object.keys(documentContentTypes))
  if (bytes.length === 0)
    throw new RequestError('RequestInvalid', 'the body is empty', { suggestion: 'send a workflow document' })
  const source = utf8Text(bytes)
  const [, format] = known
  // Malformed JSON is a malformed request; malformed YAML is a problem of the document, told with its caret.
  if (format === 'json') parseJson(source)
  if (source.includes('\0'))
    throw new RequestError(
      'RequestInvalid',
      'the document holds the character U+0000, which cannot be stored',
      {
        suggestion: 'remove it: is this a text file?',
        errors: [{ in: 'body', pointer: '', message: 'holds the character U+0000' }],
      },
    )
  return { source, format }
}

function mediaType(contentType: string | undefined): string {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase())
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))
  const name = charset?.slice('charset='.length).replaceAll('"', '')
  if (name !== undefined && name !== 'utf-8' && name !== 'utf8' && name !== 'us-ascii')
    throw new RequestError('UnsupportedMediaType', `the body is said to be in ${name}`, {
      suggestion: 'send UTF-8',
    })
  return type
}

function wrongType(contentType: string | undefined, wanted: readonly string[]): RequestError {
  const given =
    contentType === undefined ? 'the body has no content type' : `the content type is ${contentType}`
  return new RequestError('UnsupportedMediaType', given, {
    suggestion: `send content-type ${wanted.slice(0, 2).join(' or ')}`,
    headers: { accept: wanted.join(', ') },
  })
}

function utf8Text(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new RequestError('RequestInvalid', 'the body is not UTF-8', {
      suggestion: 'encode the text as UTF-8',
    })
  }
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    const { line, column, message } = locateJsonFault(text)
    const where = `line ${line}, column ${column}: ${message}`
    throw new RequestError('RequestInvalid', `the body is not JSON: ${where}`, {
      suggestion: 'keys and texts take double quotes, and nothing follows the last entry',
      errors: [{ in: 'body', pointer: '', message: where }],
    })
  }
}
