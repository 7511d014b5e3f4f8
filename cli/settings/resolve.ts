/**
 * The effective settings: a flag wins over the environment, that over the file, that over the default. Owns the
 * order and the checking of every value; each source is read by its own file. Called by the commands.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from '../../schema/json.ts'
import type { Limits } from '../../schema/limits.ts'
import { limitNames, type SettingKey, settingOf, settings, type ValueOf } from './catalogue.ts'
import { type Environment, fromEnvironment, unknownVariables } from './environment.ts'
import { type FileSetting, readSettingsFile } from './file.ts'
import { type Reading, readText, readValue, type SettingValue } from './kinds.ts'
import { environmentName, flagName } from './names.ts'
import { type SettingProblem, SettingsError } from './problem.ts'
import { nameOf } from './structure-fault.ts'

export type SourceKind = 'flag' | 'environment' | 'file' | 'default'

export interface SettingSource {
  readonly kind: SourceKind
  /** Such as `--port`, `PERDURE_PORT`, `perdure.config.yaml:3:1`, `default`. */
  readonly place: string
}

export interface EffectiveSetting {
  readonly key: SettingKey
  /** Undefined: not given, and without a default. */
  readonly value: SettingValue | undefined
  readonly source: SettingSource
}

/** As the command line gave it: text, or for flags that repeat a list of texts. */
export type FlagValues = ReadonlyMap<SettingKey, string | readonly string[]>

export interface SettingsInput {
  readonly flags: FlagValues
  readonly environment: Environment
  /** The working directory. */
  readonly directory: string
}

export class EffectiveSettings {
  readonly entries: ReadonlyMap<SettingKey, EffectiveSetting>
  readonly file: string | null
  readonly warnings: readonly SettingProblem[]

  constructor(
    entries: ReadonlyMap<SettingKey, EffectiveSetting>,
    file: string | null,
    warnings: readonly SettingProblem[],
  ) {
    this.entries = entries
    this.file = file
    this.warnings = warnings
  }

  /** Checked when it was read, so the type of its kind holds. */
  get<K extends SettingKey>(key: K): ValueOf<K> {
    return this.entries.get(key)?.value as ValueOf<K>
  }

  source(key: SettingKey): SettingSource {
    return this.entries.get(key)?.source ?? { kind: 'default', place: 'default' }
  }

  /** Those that somebody named: what is left out keeps the default of its owner. */
  limits(): Partial<Limits> {
    const named = limitNames.filter((name) => this.source(`limits.${name}`).kind !== 'default')
    return Object.fromEntries(named.map((name) => [name, this.get(`limits.${name}`)]))
  }
}

/** Throws `SettingsError` with every problem of every source. */
export async function resolveSettings(input: SettingsInput): Promise<EffectiveSettings> {
  const file = await readSettingsFile(input.directory)
  const problems: SettingProblem[] = [...(file?.problems ?? [])]
  const environment = fromEnvironment(input.environment)
  const fileSettings = new Map((file?.settings ?? []).map((setting) => [setting.key, setting]))
  const entries = new Map<SettingKey, EffectiveSetting>()
  for (const key of settings.keys()) {
    const candidate = pick(key, input, environment, fileSettings)
    const { reading, source } = candidate
    if (!reading.ok) {
      problems.push(problemOf(key, reading, source.place, fileSettings.get(key)))
    } else if (settingOf(key).planned && source.kind !== 'default') {
      problems.push({ place: source.place, message: `\`${key}\` is not supported yet` })
    } else {
      entries.set(key, { key, value: reading.value, source })
    }
  }
  if (problems.length > 0) throw new SettingsError(problems)
  return new EffectiveSettings(entries, file?.name ?? null, unknownVariables(input.environment))
}

function problemOf(
  key: SettingKey,
  reading: Reading & { readonly ok: false },
  place: string,
  written: FileSetting | undefined,
): SettingProblem {
  if (!('fault' in reading)) {
    const got = settingOf(key).secret ? 'what it is' : reading.got
    return { place, message: `\`${key}\` must be ${reading.expected}, not ${got}` }
  }
  const { path, message, suggestion } = reading.fault
  const isWritten = written?.placeOf([]) === place
  return {
    place: isWritten ? written.placeOf(path) : place,
    message: `\`${nameOf(key, path)}\` ${message}`,
    ...(suggestion !== undefined && { suggestion }),
  }
}

interface Candidate {
  readonly reading: Reading | { readonly ok: true; readonly value: undefined }
  readonly source: SettingSource
}

function pick(
  key: SettingKey,
  input: SettingsInput,
  environment: ReadonlyMap<SettingKey, string>,
  file: ReadonlyMap<SettingKey, FileSetting>,
): Candidate {
  const { kind } = settingOf(key)
  const flag = input.flags.get(key)
  if (flag !== undefined) {
    const reading = typeof flag === 'string' ? readText(kind, flag) : readValue(kind, flag)
    return { reading, source: { kind: 'flag', place: flagName(key) } }
  }
  const variable = environment.get(key)
  if (variable !== undefined) {
    return { reading: readText(kind, variable), source: { kind: 'environment', place: environmentName(key) } }
  }
  const written = file.get(key)
  if (written !== undefined) {
    return { reading: readValue(kind, written.value), source: { kind: 'file', place: written.placeOf([]) } }
  }
  const fallback = settingOf(key).default ?? conventional(key, input.directory)
  const source: SettingSource = { kind: 'default', place: 'default' }
  return {
    reading: fallback === undefined ? { ok: true, value: undefined } : readValue(kind, fallback),
    source,
  }
}

/** In our own sources the folder `activities/` is a part of the engine, not a module of activities. */
function isOwnCheckout(directory: string): boolean {
  try {
    const { name }: { readonly name?: unknown } = JSON.parse(
      readFileSync(join(directory, 'package.json'), 'utf8'),
    )
    return name === 'perdure'
  } catch {
    return false
  }
}

/** Defaults that hold where a file of that name exists. */
function conventional(key: SettingKey, directory: string): Json | undefined {
  if (key === 'definitions') return existsSync(join(directory, 'definitions')) ? 'definitions' : undefined
  if (key !== 'activities' || isOwnCheckout(directory)) return undefined
  return ['activities/index.ts', 'activities/index.js'].find((name) => existsSync(join(directory, name)))
}
