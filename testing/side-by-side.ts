/** Expected and got in two columns, a mark on the lines that differ. Called by `report-text.ts`. */
import type { Json } from '../engine/index.ts'
import { isList, isMap } from './scenario-reader.ts'

/** Wider values are cut in the left column, whole in the right. */
const leftColumnMaximum = 56

export function sideBySide(expected: Json, got: Json | undefined): readonly string[] {
  const isPlain = got === undefined || readsPlain(expected, got)
  const left = linesOf(expected, isPlain)
  const right = got === undefined ? ['(nothing)'] : linesOf(got, isPlain)
  const width = Math.min(leftColumnMaximum, Math.max('expected'.length, ...left.map((line) => line.length)))
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    const one = left[index]
    const other = right[index]
    const mark = one === other || one === '…' ? ' ' : '≠'
    return `${cut(one ?? '', width).padEnd(width)}  ${mark} ${other ?? ''}`.trimEnd()
  })
  return [`${'expected'.padEnd(width)}    got`, ...rows]
}

/** Without its quotes a text looks like a number or a list of itself: only beside its like. */
function readsPlain(expected: Json, got: Json): boolean {
  return typeof expected === 'string' ? typeof got === 'string' : isTexts(expected) && isTexts(got)
}

function isTexts(value: Json): value is readonly string[] {
  return isList(value) && value.every((item) => typeof item === 'string')
}

/** A list of texts is a line each, so that calls and histories can be followed down the page. */
function linesOf(value: Json, isPlain: boolean): readonly string[] {
  if (isPlain && typeof value === 'string')
    return value.includes('\n') ? value.split('\n') : [value === '' ? '""' : value]
  if (isPlain && isTexts(value) && value.length > 0) return value
  if ((isMap(value) && Object.keys(value).length > 0) || (isList(value) && value.length > 0))
    return JSON.stringify(value, null, 2).split('\n')
  return [JSON.stringify(value)]
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
