/**
 * Where a text stops being JSON. `JSON.parse` of Node 20 names no position in half of its messages, so this finds it
 * once a parse has failed; it builds no value, and a text of any depth costs no stack.
 */

export interface JsonFault {
  /** 1-based; columns count UTF-16 units. */
  readonly line: number
  readonly column: number
  readonly message: string
}

const space = /[ \t\n\r]*/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
/** Plain runs are taken whole: one choice per escape, not per character, is what a long text costs to go back over. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these
const stringBody = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*/y
const string = new RegExp(`${stringBody.source}"`, 'y')
const word = /true|false|null/y

export function locateJsonFault(text: string): JsonFault {
  const { offset, expected } = scan(text)
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - before.lastIndexOf('\n')
  const found = offset >= text.length ? 'the end of the text' : quoted(text, offset)
  return { line, column, message: `expected ${expected}, found ${found}` }
}

function quoted(text: string, offset: number): string {
  return `'${String.fromCodePoint(text.codePointAt(offset) ?? 0)}'`
}

/** What may come next: a value, a key (or the end of an empty map), or what follows a finished value. */
type Expectation = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'afterValue'

function scan(text: string): { offset: number; expected: string } {
  const open: ('map' | 'list')[] = []
  let offset = 0
  let state: Expectation = 'value'
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = offset
    if (!pattern.test(text)) return false
    offset = pattern.lastIndex
    return true
  }
  for (;;) {
    take(space)
    const next = text[offset]
    const inside = open.at(-1)
    switch (state) {
      case 'key':
      case 'keyOrEnd':
        if (next === '}' && state === 'keyOrEnd') {
          offset += 1
          open.pop()
          state = 'afterValue'
          break
        }
        if (!take(string))
          return next === '"'
            ? unfinishedString(text, offset)
            : { offset, expected: 'a key in double quotes' }
        take(space)
        if (text[offset] !== ':') return { offset, expected: "':'" }
        offset += 1
        state = 'value'
        break
      case 'value':
      case 'valueOrEnd':
        if (next === ']' && state === 'valueOrEnd') {
          offset += 1
          open.pop()
          state = 'afterValue'
        } else if (next === '{' || next === '[') {
          offset += 1
          open.push(next === '{' ? 'map' : 'list')
          state = next === '{' ? 'keyOrEnd' : 'valueOrEnd'
        } else if (take(string) || take(number) || take(word)) state = 'afterValue'
        else return next === '"' ? unfinishedString(text, offset) : { offset, expected: 'a value' }
        break
      case 'afterValue':
        if (inside === undefined) return { offset, expected: 'nothing more' }
        if (next === ',') {
          offset += 1
          state = inside === 'map' ? 'key' : 'value'
        } else if (next === (inside === 'map' ? '}' : ']')) {
          offset += 1
          open.pop()
        } else return { offset, expected: inside === 'map' ? "',' or '}'" : "',' or ']'" }
        break
      default:
        state satisfies never
    }
  }
}

/** Goes to the character that a string may not hold, or to the end of the text. */
function unfinishedString(text: string, start: number): { offset: number; expected: string } {
  stringBody.lastIndex = start
  const offset = stringBody.test(text) ? stringBody.lastIndex : start
  return { offset, expected: text[offset] === '\\' ? 'a valid escape' : 'the end of a string' }
}
