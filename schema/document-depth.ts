/**
 * Refuses a document that is nested too deep BEFORE it is parsed: the YAML parser is recursive, and on `- - - …`
 * 10,000 deep it takes the whole process down (out of memory in a regular expression of its own, not to be caught).
 * Called by `source.ts` alone.
 */
import { Lexer } from 'yaml'

/**
 * The offset at which the nesting exceeds `limit`, or null. Counts flow brackets, indicators in a row (`- - -`), and
 * levels of indentation; a document within the limit is never refused, because each of these opens one level.
 */
export function tooDeepAt(text: string, limit: number): number | null {
  let offset = 0
  let flow = 0
  /** Columns at which the lines above opened a block, ascending. */
  const columns: number[] = []
  let indicators = 0
  let lineStart = true
  let indent = 0
  for (const token of new Lexer().lex(text)) {
    const first = token[0] ?? ''
    if (first === '\n' || token === '\r\n') {
      if (flow === 0) {
        lineStart = true
        indent = 0
        indicators = 0
      }
    } else if (lineStart && isSpace(token)) {
      indent = token.length
    } else if (token === '[' || token === '{') {
      flow++
    } else if (token === ']' || token === '}') {
      flow = Math.max(0, flow - 1)
    } else if (flow === 0) {
      if (lineStart && isContent(first)) {
        while ((columns.at(-1) ?? -1) >= indent) columns.pop()
        columns.push(indent)
        lineStart = false
      }
      if (token === '-' || token === '?') indicators++
    }
    if (flow + indicators + columns.length > limit + 2) return offset
    if (first !== '\u0002' && first !== '\u0018' && first !== '\u001f') offset += token.length
  }
  return null
}

function isSpace(token: string): boolean {
  return /^[ \t]+$/.test(token)
}

/** Neither a comment nor one of the lexer's control tokens. */
function isContent(first: string): boolean {
  return first !== '#' && first !== '\u0002' && first !== '\u0018' && first !== '\u001f' && first !== '\ufeff'
}
