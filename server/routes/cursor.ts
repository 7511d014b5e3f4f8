/**
 * Cursors that the server makes itself: opaque to callers, base64url of JSON inside. One cursor belongs to one list; a
 * cursor of another list, or one that was made up, is refused by name.
 */
import { RequestError } from '../problems.ts'

export type CursorKind = 'definitions' | 'history'

export function writeCursor(kind: CursorKind, position: readonly [string, string | number]): string {
  return Buffer.from(JSON.stringify([kind, ...position])).toString('base64url')
}

export function readCursor(kind: CursorKind, cursor: string): readonly [string, string | number] {
  const parsed = parse(cursor)
  if (Array.isArray(parsed) && parsed.length === 3 && parsed[0] === kind) {
    const [, first, second]: unknown[] = parsed
    if (typeof first === 'string' && (typeof second === 'string' || Number.isSafeInteger(second)))
      return [first, typeof second === 'string' ? second : Number(second)]
  }
  throw new RequestError('RequestInvalid', 'the cursor is not one that this list gave', {
    suggestion: 'send the `cursor` of the page before as it is, or none for the first page',
    errors: [{ in: 'query', pointer: '/cursor', message: 'is not a cursor of this list' }],
  })
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}
