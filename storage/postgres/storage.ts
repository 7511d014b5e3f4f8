/** The driver for a PostgreSQL server: many nodes on one database. Owns the door; the families are in `sql/`. */
import { type Storage, StorageUnavailableError } from '../contract.ts'
import { type SqlDatabase, type Statement, textOf } from '../sql/connection.ts'
import { migrate } from '../sql/migrate.ts'
import { maintainHistory } from '../sql/retention.ts'
import { sqlFamilies } from '../sql/storage.ts'
import { PostgresDatabase, type PostgresTarget } from './database.ts'
import { PostgresHints } from './hints.ts'
import { startIn } from './start-in.ts'

const schemaStatement: Statement = { name: 'perdure_schema', text: 'select current_schema()' }

/** Not connected before `open()`. `close()` waits for what is under way. */
export function openPostgresStorage(target: PostgresTarget): Storage {
  let current: PostgresDatabase | null = null
  const connected = () => {
    if (current === null) throw new StorageUnavailableError('the store is not open')
    return current
  }
  const database: SqlDatabase = {
    query: async (statement, parameters) => connected().query(statement, parameters),
    session: async (work) => connected().session(work),
  }
  const hints = new PostgresHints(target.connectionString, target.schema)
  const families = sqlFamilies(database, hints)
  /** Of our tables; the caller of `startIn` may have another search path. */
  let schema: string | null = target.schema ?? null
  return {
    ...families,
    kind: 'postgres',
    nodes: {
      ...families.nodes,
      async join(name, sinks) {
        const node = await families.nodes.join(name, sinks)
        hints.addOwnNode(node)
        return node
      },
    },
    async startIn(connection, unstarted) {
      schema ??= textOf((await database.query(schemaStatement, []))[0]?.[0])
      return startIn(connection, unstarted, { schema, hint: hints.dueNotice })
    },
    async open() {
      if (current !== null) return
      const opening = new PostgresDatabase(target)
      try {
        await migrate(opening, target.schema ?? null)
        await maintainHistory(opening)
      } catch (error) {
        await opening.end()
        throw error
      }
      current = opening
      await hints.start()
    },
    async close() {
      const closing = current
      current = null
      await hints.stop()
      await closing?.end()
    },
  }
}
