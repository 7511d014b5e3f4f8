/**
 * Which files are documents: those named, and in directories every `*.yaml`, `*.yml`, `*.json` that has a `dsl` key.
 * Owns the search and the telling apart; reading a document is `schema/`. Called by `validate`, `deploy`, `serve`.
 */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { CliFailure } from './failure.ts'

export interface DocumentFile {
  /** As people are shown it: relative to the working directory where it was given so. */
  readonly file: string
  readonly source: string
  readonly format: 'yaml' | 'json'
}

/** Throws when a path does not exist, or when there is no document at all. */
export function findDocuments(paths: readonly string[], directory: string): readonly DocumentFile[] {
  const found = new Map<string, DocumentFile>()
  for (const path of paths) {
    for (const document of documentsAt(path, directory))
      found.set(resolve(directory, document.file), document)
  }
  if (found.size === 0) {
    throw new CliFailure('NoDocument', `there is no document in ${paths.join(', ')}`, {
      suggestion: 'documents are *.yaml, *.yml and *.json files with a `dsl` key, such as `dsl: perdure/1`',
    })
  }
  return [...found.values()]
}

/** The one document of `run`; whether it is one at all is the loader's to say. */
export function readDocument(file: string, directory: string): DocumentFile {
  const path = resolve(directory, file)
  if (kindOf(path, file) === 'directory') {
    throw new CliFailure('NotADocument', `${file} is a directory, not a document`, {
      suggestion: 'name one *.yaml, *.yml or *.json file',
    })
  }
  return { file, source: read(path, file), format: file.endsWith('.json') ? 'json' : 'yaml' }
}

/** Every document below a directory; none is no error. */
export function documentsIn(path: string, directory: string): readonly DocumentFile[] {
  return documentsOf(path, directory, 'all')
}

/** Every document in the directory of a file, its own subdirectories left out. */
export function documentsBeside(file: string, directory: string): readonly DocumentFile[] {
  return documentsOf(dirname(file), directory, 'here')
}

function documentsOf(folder: string, directory: string, depth: Depth): readonly DocumentFile[] {
  const absolute = resolve(directory, folder)
  return filesBelow(absolute, depth)
    .filter((path) => /\.(ya?ml|json)$/.test(path) && hasDslKey(readLoosely(path)))
    .map((path) => readDocument(join(folder, relative(absolute, path)), directory))
}

function documentsAt(path: string, directory: string): readonly DocumentFile[] {
  const absolute = resolve(directory, path)
  if (kindOf(absolute, path) === 'file') return [readDocument(path, directory)]
  return documentsIn(path, directory)
}

function kindOf(absolute: string, path: string): 'file' | 'directory' {
  const stats = statSync(absolute, { throwIfNoEntry: false })
  if (stats === undefined) {
    throw new CliFailure('FileNotFound', `there is no file or directory ${path}`, {
      suggestion: 'check the path; it is taken from the working directory',
    })
  }
  return stats.isDirectory() ? 'directory' : 'file'
}

function read(absolute: string, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(absolute))
  } catch (cause) {
    const why = cause instanceof TypeError ? 'it is not UTF-8 text' : reason(cause)
    throw new CliFailure('FileUnreadable', `${path} cannot be read: ${why}`)
  }
}

type Depth = 'all' | 'here'

/** In order of name, without `node_modules` and hidden directories; links to directories are not followed. */
function filesBelow(directory: string, depth: Depth): readonly string[] {
  let entries: Dirent[]
  try {
    entries = readdirSync(directory, { withFileTypes: true })
  } catch (cause) {
    throw new CliFailure('FileUnreadable', `the directory ${directory} cannot be read: ${reason(cause)}`)
  }
  return entries
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') return []
      const path = join(directory, entry.name)
      if (entry.isDirectory()) return depth === 'all' ? filesBelow(path, depth) : []
      return entry.isFile() || entry.isSymbolicLink() ? [path] : []
    })
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
}

/** For the search alone: what cannot be read or decoded is no document. */
function readLoosely(absolute: string): string {
  try {
    return readFileSync(absolute, 'utf8').replace(/^\uFEFF/, '')
  } catch {
    return ''
  }
}

/**
 * Looks at the text where it does not parse as JSON, so that a document with a syntax error is still found and
 * reported; a `dsl` key below the top level of block YAML is indented and does not count.
 */
function hasDslKey(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return /^(---\s+)?["']?dsl["']?\s*:/m.test(text)
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && Object.hasOwn(value, 'dsl')
  } catch {
    return /["']?\bdsl["']?\s*:/.test(text)
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
