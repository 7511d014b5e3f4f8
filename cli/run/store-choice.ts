/**
 * Where executions are kept: in memory, in a data directory, or in a PostgreSQL database. Owns how the two settings
 * decide; opening the store is the engine's. Called by `run` and `serve`.
 */
import { resolve } from 'node:path'
import { CliFailure } from '../failure.ts'
import type { EffectiveSettings, SourceKind } from '../settings/resolve.ts'
import { maskUrl } from '../settings/show.ts'

export type StoreChoice =
  | { readonly kind: 'memory' }
  /** Absolute. */
  | { readonly kind: 'dataDir'; readonly dataDir: string; readonly shown: string }
  | { readonly kind: 'databaseUrl'; readonly databaseUrl: string }

const rank: { readonly [K in SourceKind]: number } = { flag: 3, environment: 2, file: 1, default: 0 }

/**
 * The one that was named nearer to the command wins; both at the same place are a contradiction. Where neither is
 * named: `unnamed`, or the data directory's default.
 */
export function chooseStore(
  settings: EffectiveSettings,
  directory: string,
  options: { readonly unnamed: 'memory' | 'dataDir' },
): StoreChoice {
  const databaseUrl = settings.get('databaseUrl')
  const urlRank = databaseUrl === undefined ? -1 : rank[settings.source('databaseUrl').kind]
  const directoryRank = rank[settings.source('dataDir').kind]
  if (urlRank === directoryRank) {
    throw new CliFailure(
      'SettingsInvalid',
      `both ${settings.source('databaseUrl').place} and ${settings.source('dataDir').place} say where to keep executions`,
      { suggestion: 'name one: a database, or a data directory' },
    )
  }
  if (databaseUrl !== undefined && urlRank > directoryRank) return { kind: 'databaseUrl', databaseUrl }
  if (directoryRank === rank.default && options.unnamed === 'memory') return { kind: 'memory' }
  const shown = settings.get('dataDir')
  return { kind: 'dataDir', dataDir: resolve(directory, shown), shown }
}

export function showStore(store: StoreChoice): string {
  if (store.kind === 'memory') return 'in memory'
  return store.kind === 'dataDir' ? `in ${store.shown}` : `in ${maskUrl(store.databaseUrl)}`
}

/** The flag that names this store again, quoted for a message; the password of a URL is left out. */
export function storeFlag(store: Exclude<StoreChoice, { kind: 'memory' }>): string {
  return store.kind === 'dataDir'
    ? `--data-dir ${store.shown}`
    : `--database-url ${maskUrl(store.databaseUrl)}`
}
