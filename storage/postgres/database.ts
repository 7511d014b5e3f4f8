/**
 * `SqlDatabase` over a pool of connections to a PostgreSQL server. Owns the settings of a session and what an error
 * of the client means; never sends a statement twice, since whether the first one was carried out is unknown.
 */
import { DatabaseError, Pool, type PoolClient } from 'pg'
import { StorageSetupError, StorageUnavailableError } from '../contract.ts'
import type { Parameter, Row, SqlDatabase, Statement } from '../sql/connection.ts'
import { storageError } from '../sql/errors.ts'
import { sessionSettings } from '../sql/session-settings.ts'

export interface PostgresTarget {
  readonly connectionString: string
  /** Connections of this process. Two commits in flight need two; reads and messages share the others. */
  readonly poolSize?: number
  /** Holds the tables; created where it is missing. Absent: the search path of the login. */
  readonly schema?: string
}

const defaultPoolSize = 10
const connectTimeoutMs = 10_000
/** For a server that does not answer at all, which no timeout of its own can end. */
const answerTimeoutMs = 75_000

const asText = { getTypeParser: () => (text: string) => text }

export class PostgresDatabase implements SqlDatabase {
  readonly #pool: Pool

  constructor({ connectionString, poolSize, schema }: PostgresTarget) {
    this.#pool = new Pool({
      connectionString,
      max: poolSize ?? defaultPoolSize,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: answerTimeoutMs,
      keepAlive: true,
      application_name: 'perdure',
      onConnect: async (client) => {
        await client.query(sessionSettings(schema))
      },
    })
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    this.#pool.on('error', () => {})
  }

  async query(statement: Statement, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    try {
      const result = await this.#pool.query({
        name: statement.name,
        text: statement.text,
        values: [...parameters],
        rowMode: 'array',
        types: asText,
      })
      return result.rows
    } catch (error) {
      throw inUse(translated(error))
    }
  }

  async session<T>(work: (run: (script: string) => Promise<readonly Row[]>) => Promise<T>): Promise<T> {
    let client: PoolClient
    try {
      client = await this.#pool.connect()
    } catch (error) {
      throw translated(error)
    }
    let failure: Error | undefined
    try {
      return await work(async (script) => {
        const result = await client.query({ text: script, rowMode: 'array', types: asText })
        return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows
      })
    } catch (error) {
      const reason = translated(error)
      failure = reason
      throw reason
    } finally {
      client.release(failure)
    }
  }

  async end(): Promise<void> {
    await this.#pool.end()
  }
}

/**
 * A login that worked when the store was opened and is refused now (a password in rotation, a failover) is an outage:
 * told from the data of a turn, or the runs of that moment would be parked for it.
 */
function inUse(error: Error): Error {
  return error instanceof StorageSetupError
    ? new StorageUnavailableError(error.message, { cause: error })
    : error
}

function translated(error: unknown): Error {
  if (error instanceof StorageSetupError || error instanceof StorageUnavailableError) return error
  if (!(error instanceof Error)) return new Error(String(error))
  if (!(error instanceof DatabaseError))
    return storageError(undefined, `PostgreSQL cannot be reached: ${describe(error)}`, error) ?? error
  const state = error.code ?? ''
  // 28 invalid authorization; 3D000 no such database; 42501 insufficient privilege.
  if (state.startsWith('28') || state === '3D000' || state === '42501')
    return new StorageSetupError(`PostgreSQL refuses: ${error.message}`, { cause: error })
  return storageError(state, `PostgreSQL: ${error.message} (${state})`, error) ?? error
}

/** A refused connection to several addresses is an AggregateError whose own message is empty. */
function describe(error: Error): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join('; ')
  return error.message
}
