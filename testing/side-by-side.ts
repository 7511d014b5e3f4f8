/** Expected and got in two columns, a mark on the lines that differ. Called by `report-text.ts`. */
import type { Json } from '../engine/index.ts'
import { isList, isMap } from './scenario-reader.ts'

/** Wider values are cut in the left column, whole in the right. */
const leftColumnMaximum = 56

export function sideBySide(expected: Json, got: Json | undefined): readonly string[] {
  const left = linesOf(expected)
  const right = got === undefined ? ['(nothing)'] : linesOf(got)
  const width = Math.min(leftColumnMaximum, Math.max('expected'.length, ...left.map((line) => line.length)))
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    const one = left[index]
    const other = right[index]
    const mark = one === other || one === '…' ? ' ' : '≠'
    return `${cut(one ?? '', width).padEnd(width)}  ${mark} ${other ?? ''}`.trimEnd()
  })
  return [`${'expected'.padEnd(width)}    got`, ...rows]
}

/** A list of texts is a line each, so that calls and histories can be followed down the page. */
function linesOf(value: Json): readonly string[] {
  if (typeof value === 'string')
    return value.includes('\n') ? value.split('\n') : [value === '' ? '""' : value]
  if (isList(value) && value.length > 0 && value.every((item) => typeof item === 'string'))
    return value.map((item) => String(item))
  if ((isMap(value) && Object.keys(value).length > 0) || (isList(value) && value.length > 0))
    return JSON.stringify(value, null, 2).split('\n')
  return [JSON.stringify(value)]
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
