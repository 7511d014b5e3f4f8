/**
 * What the SQL families ask of a database: named statements and, for migrations, one session. `postgres/` and
 * `pglite/` implement it. Every write is one statement (mostly one function call): so no client ever holds a lock
 * while it thinks or is stopped, and a takeover never waits for a process.
 */
export type Parameter = string | number | boolean | null

/** Values as PostgreSQL prints them; the families convert what they asked for. */
export type Row = readonly (string | null)[]

export interface Statement {
  /** Unique; the server prepares the statement under it, once per connection. */
  readonly name: string
  readonly text: string
}

export interface SqlDatabase {
  /** One round trip and one transaction. Throws `StorageDataError` or `StorageUnavailableError` where they apply. */
  query(statement: Statement, parameters: readonly Parameter[]): Promise<readonly Row[]>
  /** Statements on one connection that nobody else uses meanwhile; no parameters. */
  session<T>(work: (run: (script: string) => Promise<readonly Row[]>) => Promise<T>): Promise<T>
}

/** A cell that is never null in the statement that asked for it. */
export function textOf(cell: string | null | undefined): string {
  if (cell === null || cell === undefined) throw new Error('the database answered null where it cannot')
  return cell
}

export function numberOf(cell: string | null | undefined): number {
  return Number(textOf(cell))
}

export function numberOrNull(cell: string | null | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell)
}

export function booleanOf(cell: string | null | undefined): boolean {
  return textOf(cell) === 't'
}

/** Ids come from users too: what is not a UUID as PostgreSQL prints it names no run. */
export function isRunId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)
}
