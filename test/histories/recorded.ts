/**
 * The form of a recorded history: what one run was, told by its release, so that every later one can replay it.
 * Owns the form. `record.ts` writes such files, once; `histories.test.ts` replays all of them for ever.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StoredEvent } from '../../engine/index.ts'

export interface RecordedHistory {
  readonly form: 1
  /** Of the package that wrote it. */
  readonly release: string
  readonly recordedAt: string
  readonly document: { readonly source: string; readonly format: 'yaml' | 'json' }
  /** Turn by turn, as stored. */
  readonly turns: readonly (readonly StoredEvent[])[]
  /** SHA-256 (hex) of the JSON text of the state after the last turn. */
  readonly stateDigest: string
}

const folder = import.meta.dirname

/** `<release>/<name>`, and what is in it. */
export function recordedHistories(): readonly (readonly [name: string, history: RecordedHistory])[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'sources')
    .flatMap(({ name: release }) =>
      readdirSync(join(folder, release))
        .filter((file) => file.endsWith('.json'))
        .toSorted()
        .map((file) => {
          const history: RecordedHistory = JSON.parse(readFileSync(join(folder, release, file), 'utf8'))
          return [`${release}/${file}`, history] as const
        }),
    )
}

export function digestOf(state: object): string {
  return createHash('sha256').update(JSON.stringify(state)).digest('hex')
}
