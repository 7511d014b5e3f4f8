/**
 * Brings a database to this release's schema. Owns the order and the lock; the files in `migrations/` own the SQL.
 * Each migration is a transaction of its own under one advisory lock, so nodes that start together wait for one
 * another and find the work done.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { StorageSetupError } from '../contract.ts'
import { numberOf, type SqlDatabase } from './connection.ts'

interface Migration {
  readonly number: number
  readonly name: string
  readonly script: string
}

/** Beside this module, as source and in the build (scripts/build.mjs copies them). */
const folder = new URL('./migrations/', import.meta.url)

export function knownMigrations(): readonly Migration[] {
  const migrations = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({
      number: Number(file.slice(0, 4)),
      name: file.slice(5, -4),
      script: readFileSync(new URL(file, folder), 'utf8'),
    }))
  migrations.forEach(({ number, name }, index) => {
    if (number !== index + 1) throw new Error(`migration ${name} has the number ${number}, not ${index + 1}`)
  })
  if (migrations.length === 0) throw new Error(`no migration was found in ${folder.href}`)
  return migrations
}

/** `schema` is created where it is missing; null: the connection's own search path is used. */
export async function migrate(
  database: SqlDatabase,
  schema: string | null,
  migrations: readonly Migration[] = knownMigrations(),
): Promise<void> {
  await database.session(async (run) => {
    const step = async (work: () => Promise<boolean>): Promise<boolean> => {
      await run('begin')
      try {
        await run(
          `select pg_advisory_xact_lock(hashtext('perdure.migrate'), hashtext(${literal(schema ?? '')}))`,
        )
        const again = await work()
        await run('commit')
        return again
      } catch (error) {
        await run('rollback')
        throw error
      }
    }
    await step(async () => {
      if (schema !== null) await run(`create schema if not exists ${identifier(schema)}`)
      await run(`create table if not exists schema_migration (
        number integer primary key, name text not null, applied_at timestamptz not null default now())`)
      return false
    })
    const applyNext = async () => {
      const last = (await run('select coalesce(max(number), 0) from schema_migration'))[0]
      const current = numberOf(last?.[0])
      if (current > migrations.length)
        throw new StorageSetupError(
          `the database has the schema of a newer Perdure (migration ${current}; this version knows ${migrations.length}): run that version or a newer one against it`,
        )
      const next = migrations[current]
      if (next === undefined) return false
      await run(next.script)
      await run(`insert into schema_migration (number, name) values (${next.number}, ${literal(next.name)})`)
      return true
    }
    while (await step(applyNext));
  })
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
