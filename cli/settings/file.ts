/**
 * The settings file of the working directory, `perdure.config.{yaml,json,ts,js}`. Owns finding it, reading it, and
 * the place of each key in it; which keys exist is `catalogue.ts`. Called by `resolve.ts`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Json, JsonObject } from '../../schema/json.ts'
import { didYouMean } from '../../schema/problems/did-you-mean.ts'
import { isSettingKey, type SettingKey, settings } from './catalogue.ts'
import { isMap } from './kinds.ts'
import { type SettingProblem, SettingsError } from './problem.ts'

const fileNames = ['perdure.config.yaml', 'perdure.config.json', 'perdure.config.ts', 'perdure.config.js']
/** Spellings that somebody may try; to read past them in silence would lose settings. */
const otherNames = ['yml', 'mjs', 'cjs', 'mts', 'cts', 'toml', 'json5'].map(
  (ending) => `perdure.config.${ending}`,
)

export interface FileSetting {
  readonly key: SettingKey
  readonly value: Json
  /** Such as `perdure.config.yaml:3:1`: of the key, or of what stands below it. */
  readonly placeOf: (below: readonly string[]) => string
}

export interface SettingsFile {
  readonly name: string
  readonly settings: readonly FileSetting[]
  readonly problems: readonly SettingProblem[]
}

/** Null when the directory has none. Throws `SettingsError` for a file that cannot be read at all. */
export async function readSettingsFile(directory: string): Promise<SettingsFile | null> {
  const misnamed = otherNames.find((name) => existsSync(join(directory, name)))
  if (misnamed !== undefined) {
    throw new SettingsError([
      {
        place: misnamed,
        message: 'a settings file of this name is not read',
        suggestion: `name it one of ${fileNames.join(', ')}`,
      },
    ])
  }
  const found = fileNames.filter((name) => existsSync(join(directory, name)))
  const name = found[0]
  if (name === undefined) return null
  if (found.length > 1) {
    throw new SettingsError([
      {
        place: found.join(', '),
        message: 'there is more than one settings file',
        suggestion: 'keep one of them',
      },
    ])
  }
  const { root, placeOf } = await readRoot(directory, name)
  if (root === null || root === undefined) return { name, settings: [], problems: [] }
  if (!isMap(root)) {
    throw new SettingsError([
      {
        place: name,
        message: 'the settings must be a map',
        suggestion: 'write one key for each setting, such as `port: 7400`',
      },
    ])
  }
  return { name, ...collect(root, [], placeOf) }
}

type PlaceOf = (path: readonly string[]) => string

async function readRoot(
  directory: string,
  name: string,
): Promise<{ root: Json | undefined; placeOf: PlaceOf }> {
  const file = join(directory, name)
  return name.endsWith('.yaml') || name.endsWith('.json') ? readText(file, name) : readModule(file, name)
}

async function readText(file: string, name: string): Promise<{ root: Json; placeOf: PlaceOf }> {
  const { isMap: isMapNode, isNode, isScalar, isSeq, LineCounter, parseDocument } = await import('yaml')
  const text = readFileSync(file, 'utf8')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: false, version: '1.2', schema: 'core' })
  const first = document.errors[0] ?? (name.endsWith('.json') ? jsonError(text) : undefined)
  if (first !== undefined) {
    const place = first.pos === undefined ? name : `${name}:${at(lines, first.pos[0])}`
    throw new SettingsError([{ place, message: firstLine(first.message) }])
  }
  // What is missing has no place of its own: then that of what lacks it.
  const placeOf: PlaceOf = (path) => {
    if (path.length === 0) return name
    const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents
    const last = path.at(-1) ?? ''
    const node = isMapNode(parent)
      ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === last)?.key
      : isSeq(parent)
        ? parent.items[Number(last)]
        : undefined
    return isNode(node) && node.range ? `${name}:${at(lines, node.range[0])}` : placeOf(path.slice(0, -1))
  }
  return { root: document.toJS({ maxAliasCount: 100 }) as Json, placeOf }
}

/** YAML reads nearly all JSON and more; what calls itself JSON must be. */
function jsonError(text: string): { message: string; pos?: readonly [number, number] } | undefined {
  if (text.trim() === '') return undefined
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const position = /at position (\d+)/.exec(message)?.[1]
    const shared = { message: `not valid JSON: ${message}` }
    return position === undefined ? shared : { ...shared, pos: [Number(position), Number(position)] }
  }
}

/** Loads TypeScript and JavaScript as it is. */
async function readModule(file: string, name: string): Promise<{ root: Json; placeOf: PlaceOf }> {
  let loaded: { readonly default?: unknown }
  try {
    const { tsImport } = await import('tsx/esm/api')
    loaded = await tsImport(pathToFileURL(file).href, import.meta.url)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SettingsError([
      { place: name, message: `the settings file cannot be loaded: ${firstLine(reason)}` },
    ])
  }
  const exported = defaultExport(loaded)
  if (exported === undefined) {
    throw new SettingsError([
      {
        place: name,
        message: 'the settings file has no default export',
        suggestion: 'write `export default { port: 7400 }`',
      },
    ])
  }
  let root: Json
  try {
    root = JSON.parse(JSON.stringify(exported)) as Json
  } catch {
    throw new SettingsError([
      { place: name, message: 'the default export of the settings file must be plain data' },
    ])
  }
  return { root, placeOf: (path) => `${name} (${path.join('.')})` }
}

/** A module that was compiled to CommonJS holds its default export one level deeper. */
function defaultExport(loaded: { readonly default?: unknown }): unknown {
  const value = loaded.default
  const compiled = typeof value === 'object' && value !== null && '__esModule' in value
  if (!compiled) return value
  return 'default' in value ? value.default : undefined
}

/** Walks the map; `limits` and its like hold settings, anything else is one. */
function collect(
  map: JsonObject,
  prefix: readonly string[],
  placeOf: PlaceOf,
): { readonly settings: readonly FileSetting[]; readonly problems: readonly SettingProblem[] } {
  const found: FileSetting[] = []
  const problems: SettingProblem[] = []
  for (const [name, value] of Object.entries(map)) {
    const path = [...prefix, name]
    const key = path.join('.')
    const place = placeOf(path)
    if (isSettingKey(key)) {
      found.push({ key, value, placeOf: (below) => placeOf([...path, ...below]) })
    } else if (groups.has(key)) {
      if (isMap(value)) {
        const inside = collect(value, path, placeOf)
        found.push(...inside.settings)
        problems.push(...inside.problems)
      } else {
        problems.push({ place, message: `\`${key}\` must be a map of settings` })
      }
    } else {
      problems.push({ place, ...unknownKey(key, prefix) })
    }
  }
  return { settings: found, problems }
}

const groups: ReadonlySet<string> = new Set(
  [...settings.keys()].filter((key) => key.includes('.')).map((key) => key.slice(0, key.indexOf('.'))),
)

function unknownKey(key: string, prefix: readonly string[]): Omit<SettingProblem, 'place'> {
  const siblings = [...settings.keys(), ...groups].filter((known) =>
    prefix.length === 0 ? !known.includes('.') : known.startsWith(`${prefix.join('.')}.`),
  )
  const nearest = didYouMean(key, siblings) ?? didYouMean(key, settings.keys())
  return {
    message: `there is no setting \`${key}\``,
    suggestion:
      nearest === undefined ? '`perdure config` lists all settings' : `did you mean \`${nearest}\`?`,
  }
}

function at(lines: { linePos(offset: number): { line: number; col: number } }, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${line}:${col}`
}

const firstLine = (text: string) => text.split('\n', 1)[0] ?? text
