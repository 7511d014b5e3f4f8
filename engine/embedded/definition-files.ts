/** Documents of a directory: every `*.yaml`, `*.yml` and `*.json` below it that has a `dsl` key. Owns the search alone. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { isDocument } from '../../schema/load.ts'

export interface DefinitionSource {
  readonly source: string
  /** Absent: `yaml`, which JSON is too. */
  readonly format?: 'yaml' | 'json'
  /** Named in problems. */
  readonly file?: string
}

const formats: { readonly [extension: string]: 'yaml' | 'json' } = {
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.json': 'json',
}

/** `path` is a file, which is taken as it is, or a directory. In order of their paths. */
export async function readDefinitions(path: string): Promise<readonly DefinitionSource[]> {
  if (path.includes('\n')) {
    throw new TypeError('a definition given as a text is taken for a path: pass { source: text } instead')
  }
  if ((await stat(path)).isFile()) return [await read(path)]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && extname(entry.name) in formats)
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('node_modules'))
    .sort()
  const sources = await Promise.all(files.map(read))
  return sources.filter(({ source }) => isDocument(source))
}

/** Of a document as a text, or of the file that it names: a document has more than one line, or is JSON. */
export async function definitionOf(text: string): Promise<DefinitionSource> {
  return /\n/.test(text.trim()) || /^\s*[{[]/.test(text) || text.trim() === '' ? { source: text } : read(text)
}

async function read(file: string): Promise<DefinitionSource & { readonly file: string }> {
  return { source: await readFile(file, 'utf8'), format: formats[extname(file)] ?? 'yaml', file }
}
