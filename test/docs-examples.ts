/**
 * The examples of a page of docs/language, read from its fences. Owns the marks after "```yaml"; what is done with an
 * example is `docs-language.test.ts`.
 *
 * - `yaml`: a whole document; one or more `yaml scenario` beneath it run it.
 * - `yaml also`: a document that the next one starts or signals.
 * - `yaml scenario`: what a scenario has but its name: `input`, `activities`, `at`, `expect`.
 * - `yaml fragment`: a part of a document (top-level keys, or a list of steps), valid inside the smallest document.
 * - `yaml refused <code>`: a document or fragment that has the problem of this code.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'

export const languageFolder = join(import.meta.dirname, '../docs/language')

export function languagePages(): readonly string[] {
  return readdirSync(languageFolder, { recursive: true })
    .map(String)
    .filter((page) => page.endsWith('.md'))
    .sort()
}

export interface ScenarioText {
  readonly line: number
  readonly text: string
}

export type DocsExample =
  | {
      readonly kind: 'document'
      readonly line: number
      readonly text: string
      readonly also: readonly string[]
      readonly scenarios: readonly ScenarioText[]
    }
  | { readonly kind: 'fragment'; readonly line: number; readonly text: string }
  | { readonly kind: 'refused'; readonly line: number; readonly text: string; readonly code: string }

interface Fence {
  readonly info: string
  readonly line: number
  readonly text: string
}

/** Throws, with the line, where a mark is unknown or a scenario has no document. */
export function examplesOf(file: string): readonly DocsExample[] {
  const examples: DocsExample[] = []
  let also: string[] = []
  for (const { info, line, text } of fencesOf(readFileSync(file, 'utf8'), file)) {
    const [language, mark, code, ...rest] = info.split(' ')
    if (language !== 'yaml') continue
    const where = `${file}:${line}`
    if (rest.length > 0) throw new Error(`${where}: "${info}" says too much`)
    if (mark === undefined) {
      examples.push({ kind: 'document', line, text, also, scenarios: [] })
      also = []
    } else if (mark === 'also') also.push(text)
    else if (mark === 'fragment') examples.push({ kind: 'fragment', line, text })
    else if (mark === 'refused' && code !== undefined) examples.push({ kind: 'refused', line, text, code })
    else if (mark === 'scenario') {
      const last = examples.pop()
      if (last?.kind !== 'document') throw new Error(`${where}: a scenario without its document above it`)
      examples.push({ ...last, scenarios: [...last.scenarios, { line, text }] })
    } else throw new Error(`${where}: "${info}" is no mark of an example`)
  }
  if (also.length > 0) throw new Error(`${file}: an "also" without a document below it`)
  return examples
}

function fencesOf(markdown: string, file: string): readonly Fence[] {
  const fences: Fence[] = []
  let open: { readonly info: string; readonly line: number; readonly lines: string[] } | undefined
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open === undefined) {
      if (line.startsWith('```')) open = { info: line.slice(3).trim(), line: index + 1, lines: [] }
    } else if (line === '```') {
      fences.push({ info: open.info, line: open.line, text: `${open.lines.join('\n')}\n` })
      open = undefined
    } else open.lines.push(line)
  }
  if (open !== undefined) throw new Error(`${file}:${open.line}: a fence that is not closed`)
  return fences
}

/** A document of a page and its scenarios, as files of a folder. */
export interface WrittenExample {
  /** The first is the one under test. */
  readonly documents: readonly { readonly file: string; readonly text: string }[]
  readonly scenarios: string
}

/** Scenarios are named by the line of the page on which they stand. */
export function writeExample(
  { line, text, also, scenarios }: DocsExample & { kind: 'document' },
  folder: string,
): WrittenExample {
  const documents = [text, ...also].map((document, index) => {
    const file = join(folder, `${line}-${index}.yaml`)
    writeFileSync(file, document)
    return { file, text: document }
  })
  const [workflow, ...others] = documents.map(({ file }) => file)
  const blocks = scenarios.map(({ text: scenario, line: at }) =>
    `- name: line ${at}\n${scenario}`.replace(/\n(?=.)/g, '\n  '),
  )
  const file = join(folder, `${line}.test.yaml`)
  writeFileSync(file, `${stringify({ workflow, also: others })}scenarios:\n${blocks.join('')}`)
  return { documents, scenarios: file }
}

const head = 'dsl: perdure/1\nname: fragment\nversion: 1.0.0\n'

/** A fragment in the smallest document around it; the lines before it are those that it has more. */
export function wholeDocument(fragment: string): string {
  if (/^dsl:/m.test(fragment)) return fragment
  if (/^\s*-/.test(fragment)) return `${head}steps:\n${fragment.replace(/^(?=.)/gm, '  ')}`
  const rest = /^(steps|states):/m.test(fragment) ? '' : 'steps: [ { return: null } ]\n'
  return `${head}${fragment}${rest}`
}
