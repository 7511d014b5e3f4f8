/**
 * Refuses a document that is nested too deep BEFORE it is parsed: the YAML parser is recursive, and on `- - - …`
 * 10,000 deep it takes the whole process down (out of memory in a regular expression of its own, not to be caught).
 * Called by `source.ts` alone.
 */
import { Lexer } from 'yaml'

/**
 * The offset at which the nesting exceeds `limit`, or null. Counts flow brackets and the columns at which blocks opened;
 * a document within the limit is never refused, because each of these is a level of its own.
 */
export function tooDeepAt(text: string, limit: number): number | null {
  let offset = 0
  let flow = 0
  /** Columns at which the blocks around this point began, ascending. */
  const columns: number[] = []
  let column = 0
  let lineStart = true
  for (const token of new Lexer().lex(text)) {
    const first = token[0] ?? ''
    if (first === '\n' || token === '\r\n') {
      column = 0
      lineStart = flow === 0
    } else if (isControl(first)) {
      continue
    } else {
      if (token === '[' || token === '{') flow++
      else if (token === ']' || token === '}') flow = Math.max(0, flow - 1)
      else if (flow === 0 && !isSpace(token) && first !== '#') {
        const opens = lineStart || token === '-' || token === '?'
        if (lineStart) while ((columns.at(-1) ?? -1) >= column) columns.pop()
        if (opens && (columns.at(-1) ?? -1) < column) columns.push(column)
        lineStart = false
      }
      column += token.length
    }
    if (flow + columns.length > limit + 2) return offset
    offset += token.length
  }
  return null
}

function isSpace(token: string): boolean {
  return /^[ \t]+$/.test(token)
}

/** What the lexer says beside the text: byte order mark, document, flow error, scalar. */
function isControl(first: string): boolean {
  return first === '\u0002' || first === '\u0018' || first === '\u001f' || first === '\ufeff'
}
