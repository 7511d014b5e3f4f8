/** Pages of lists: their size, and the opaque cursors that lead from one to the next. */
import { EngineError } from '../engine-error.ts'

const defaultPageItems = 100
const mostPageItems = 1_000

/** Throws `RequestInvalid`. */
export function pageLimit(given: number | undefined): number {
  return wholeNumber('limit', given ?? defaultPageItems, 1, mostPageItems)
}

/** Throws `RequestInvalid`. */
export function wholeNumber(what: string, given: number, least: number, most: number): number {
  if (Number.isInteger(given) && given >= least && given <= most) return given
  throw new EngineError('RequestInvalid', `${what} is ${given}, not a whole number from ${least} to ${most}`)
}

/** `kind` keeps the cursor of one list from being used in another. */
export function writeCursor(kind: 'run' | 'delivery', id: string): string {
  return Buffer.from(`${kind}:${id}`).toString('base64url')
}

/** Throws `RequestInvalid`. */
export function readCursor(kind: 'run' | 'delivery', cursor: string, shape: RegExp): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  const id = text.slice(kind.length + 1)
  if (text.startsWith(`${kind}:`) && shape.test(id)) return id
  throw new EngineError('RequestInvalid', 'the cursor is not one that a page gave', {
    suggestion: 'begin again without a cursor',
  })
}
