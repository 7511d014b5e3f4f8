/**
 * One PGlite as a session that prepares each named statement once. PGlite's own `query` parses and describes every
 * time, five calls into WebAssembly where one does. Runs in the worker, one statement at a time.
 */
import { messages, type PGlite, protocol } from '@electric-sql/pglite'
import type { Parameter, Row } from '../sql/connection.ts'

const { serialize } = protocol

/** The statement failed; the session goes on. */
export class StatementError extends Error {
  readonly sqlState: string
  constructor(message: string, sqlState: string) {
    super(message)
    this.name = 'StatementError'
    this.sqlState = sqlState
  }
}

export class PgliteSession {
  readonly #pglite: PGlite
  readonly #prepared = new Set<string>()

  constructor(pglite: PGlite) {
    this.#pglite = pglite
  }

  async query(name: string, text: string, parameters: readonly Parameter[]): Promise<Row[]> {
    const parts = this.#prepared.has(name) ? [] : [serialize.parse({ name, text })]
    parts.push(
      serialize.bind({ statement: name, values: parameters.map(parameterText) }),
      serialize.execute(),
      serialize.sync(),
    )
    return this.#run(Buffer.concat(parts), () => this.#prepared.add(name))
  }

  /** One or more statements without parameters; the rows are those of all of them. */
  script(text: string): Promise<Row[]> {
    return this.#run(serialize.query(text))
  }

  /** `parsed`: the statement is prepared from here on, also where its parameters are refused right after. */
  async #run(request: Uint8Array, parsed?: () => void): Promise<Row[]> {
    const answers = await this.#pglite.execProtocolStream(request, { throwOnError: false, syncToFs: false })
    const rows: Row[] = []
    for (const answer of answers) {
      if (answer.name === 'parseComplete') parsed?.()
      if (answer instanceof messages.DatabaseError)
        throw new StatementError(answer.message, answer.code ?? 'XX000')
      if (answer instanceof messages.DataRowMessage) rows.push(answer.fields)
    }
    return rows
  }

  close(): Promise<void> {
    return this.#pglite.close()
  }
}

function parameterText(parameter: Parameter): string | null {
  return parameter === null || typeof parameter === 'string' ? parameter : String(parameter)
}
