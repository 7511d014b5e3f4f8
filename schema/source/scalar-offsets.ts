/**
 * Where each character of a YAML scalar's value stands in the text, through indentation, folding, quotes and escapes,
 * so that an expression inside a block scalar has its own line and column. Owns that alignment; used by `draft.ts`.
 */
import type { ScalarNode } from './node.ts'

/** Offsets by index of the value; one more entry for its end. */
export function scalarOffsets(text: string, node: ScalarNode): (index: number) => number {
  const { range, style } = node
  const value = String(node.value)
  const begin = style === 'single' || style === 'double' ? range.start + 1 : range.start
  if (style !== 'literal' && style !== 'folded' && text.startsWith(value, begin))
    return (index) => begin + index
  let offsets: readonly number[] | undefined
  return (index) => {
    offsets ??= align(text, value, node)
    return offsets[Math.min(index, offsets.length - 1)] ?? range.start
  }
}

function align(text: string, value: string, node: ScalarNode): readonly number[] {
  const block = node.style === 'literal' || node.style === 'folded'
  const begin = block ? blockContentStart(text, node) : node.range.start + (node.style === 'plain' ? 0 : 1)
  const indent = block ? indentAt(text, begin, value) : Number.MAX_SAFE_INTEGER
  const offsets: number[] = []
  let at = skipSpaces(text, begin, indent)
  for (let index = 0; index < value.length; ) {
    const wanted = value[index] ?? ''
    const found = text[at] ?? ''
    if (node.style === 'double' && found === '\\') {
      const length = escapeLength(text, at)
      if (length === 0) {
        at = skipSpaces(text, text.indexOf('\n', at) + 1, indent)
        continue
      }
      const units = text[at + 1] === 'U' && value.codePointAt(index) !== value.charCodeAt(index) ? 2 : 1
      for (let unit = 0; unit < units; unit++) offsets.push(at)
      index += units
      at += length
    } else if (/\s/.test(found) && /^[ \t]*\r?\n/.test(text.slice(at, at + 200))) {
      at = lineBreaks(text, value, at, index, offsets, indent)
      while (/\s/.test(value[index] ?? '') && index < offsets.length) index++
      index = offsets.length
    } else {
      offsets.push(at)
      at += node.style === 'single' && found === "'" && wanted === "'" ? 2 : 1
      index++
    }
  }
  offsets.push(at)
  return offsets
}

/** Takes a run of line breaks of the text and what of the value came of it (a space, or fewer breaks); gives where the text goes on. */
function lineBreaks(
  text: string,
  value: string,
  from: number,
  index: number,
  offsets: number[],
  indent: number,
): number {
  let breaks = 0
  let at = from
  while (/^[ \t]*\r?\n/.test(text.slice(at, at + 200))) {
    at = text.indexOf('\n', at) + 1
    breaks++
  }
  at = skipSpaces(text, at, indent)
  let taken = 0
  while (taken < breaks && (value[index + taken] === '\n' || (taken === 0 && value[index] === ' '))) {
    offsets.push(from)
    taken++
    if (value[index] === ' ') break
  }
  if (taken === 0) offsets.push(at)
  return at
}

function blockContentStart(text: string, node: ScalarNode): number {
  const header = text.indexOf('\n', node.range.start)
  return header === -1 ? node.range.start : header + 1
}

/** How far the lines of a block scalar are moved in: what its first line with content has more than its value. */
function indentAt(text: string, from: number, value: string): number {
  const written = /^(?:[ \t]*\r?\n)*( *)/.exec(text.slice(from, from + 10_000))?.[1]?.length ?? 0
  const own = /^(?:[ \t]*\n)*( *)/.exec(value.slice(0, 10_000))?.[1]?.length ?? 0
  return Math.max(0, written - own)
}

function skipSpaces(text: string, from: number, most: number): number {
  let at = from
  while (at - from < most && (text[at] === ' ' || text[at] === '\t')) at++
  return at
}

/** 0: an escaped line break. */
function escapeLength(text: string, at: number): number {
  const next = text[at + 1] ?? ''
  if (next === '\n' || next === '\r') return 0
  return { x: 4, u: 6, U: 10 }[next] ?? 2
}
