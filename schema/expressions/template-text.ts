/**
 * Splits a text at its `${ … }`. Owns where an expression ends: at the `}` that matches, counted outside strings,
 * backticks, comments and regular expressions. Pure; knows nothing of JSONata beyond these tokens.
 */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  /** `start`: index of the source, after `${` and its white space. */
  | { readonly kind: 'expression'; readonly source: string; readonly start: number }

export type SplitResult =
  | { readonly parts: readonly TextPart[] }
  /** A `${` at this index has no end. */
  | { readonly unterminatedAt: number }

/** `$${` is a literal `${`. */
export function splitTemplate(text: string): SplitResult {
  const parts: TextPart[] = []
  let literal = ''
  let at = 0
  while (at < text.length) {
    const dollar = text.indexOf('$', at)
    if (dollar === -1) break
    if (text.startsWith('$${', dollar)) {
      literal += `${text.slice(at, dollar)}\${`
      at = dollar + 3
    } else if (text[dollar + 1] === '{') {
      const end = expressionEnd(text, dollar + 2)
      if (end === -1) return { unterminatedAt: dollar }
      literal += text.slice(at, dollar)
      if (literal !== '') parts.push({ kind: 'text', text: literal })
      literal = ''
      const inside = text.slice(dollar + 2, end)
      const start = dollar + 2 + (inside.length - inside.trimStart().length)
      parts.push({ kind: 'expression', source: inside.trim(), start })
      at = end + 1
    } else {
      literal += text.slice(at, dollar + 1)
      at = dollar + 1
    }
  }
  literal += text.slice(at)
  if (literal !== '') parts.push({ kind: 'text', text: literal })
  return { parts }
}

/** The index of the `}` that ends the expression beginning at `from`, or -1. */
function expressionEnd(text: string, from: number): number {
  let depth = 0
  /** What stood before decides whether `/` divides or opens a regular expression. */
  let afterValue = false
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? ''
    if (/\s/.test(character)) continue
    if (character === '"' || character === "'" || character === '`') {
      at = stringEnd(text, at, character)
      if (at === -1) return -1
      afterValue = true
    } else if (character === '/' && text[at + 1] === '*') {
      at = text.indexOf('*/', at + 2) + 1
      if (at === 0) return -1
    } else if (character === '/' && !afterValue) {
      at = regexEnd(text, at)
      if (at === -1) return -1
      afterValue = true
    } else if (character === '{') {
      depth++
      afterValue = false
    } else if (character === '}') {
      if (depth === 0) return at
      depth--
      afterValue = true
    } else if (isWordCharacter(character)) {
      const start = at
      while (isWordCharacter(text[at + 1] ?? '')) at++
      afterValue = !wordOperators.has(text.slice(start, at + 1))
    } else {
      afterValue = character === ')' || character === ']'
    }
  }
  return -1
}

/** After these a value begins, so that `/` opens a regular expression. */
const wordOperators = new Set(['and', 'or', 'in'])

function isWordCharacter(character: string): boolean {
  return character !== '' && /[\p{L}\p{N}_$]/u.test(character)
}

/** A backtick name has no escapes. */
function stringEnd(text: string, from: number, quote: string): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\' && quote !== '`') at++
    else if (text[at] === quote) return at
  }
  return -1
}

/** As JSONata reads one: brackets and braces count, a `/` inside them is not the end. */
function regexEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from + 1; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\\') at++
    else if (character === '(' || character === '[' || character === '{') depth++
    else if (character === ')' || character === ']' || character === '}') depth--
    else if (character === '/' && depth === 0) return at
  }
  return -1
}

/** A template of one expression, as an author can put it anywhere: in `{ … }` and `[ … ]` YAML takes none without quotes. */
export function quotedTemplate(expression: string): string {
  const template = `\${ ${expression} }`
  if (!template.includes('"')) return `"${template}"`
  return template.includes("'") ? template : `'${template}'`
}
