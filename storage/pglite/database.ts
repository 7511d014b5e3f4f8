/**
 * `SqlDatabase` over PGlite in a thread of its own. Owns the thread, which request an answer belongs to, and what
 * becomes of requests when the thread ends.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { StorageUnavailableError } from '../contract.ts'
import type { Parameter, Row, SqlDatabase, Statement } from '../sql/connection.ts'
import { storageError } from '../sql/errors.ts'
import type { Request, Response, WorkerSettings } from './messages.ts'

interface Pending {
  resolve(rows: readonly Row[]): void
  reject(error: Error): void
}

/**
 * The worker is a file beside this one. Compiled it is started as it is; as source a loader has to be registered in
 * the thread first, since threads do not inherit the one of the process.
 */
function startWorker(settings: WorkerSettings): Worker {
  const options = { workerData: settings, name: 'perdure-pglite' }
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url), options)
  // Not import.meta.resolve: a test runner may load this module as CommonJS, where there is none.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'))
  const loader = new URL('./dist/esm/api/index.mjs', tsx).href
  const source = new URL('./worker.ts', import.meta.url).href
  const code = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(source)}) })`
  return new Worker(code, { ...options, eval: true })
}

export class PgliteDatabase implements SqlDatabase {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  /** Why no more requests are taken; null while they are. */
  #end: Error | null = null
  #isBroken = false
  /** A session under way, which others wait for: there is but one connection. */
  #session: Promise<void> | null = null

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  static start(settings: WorkerSettings): Promise<PgliteDatabase> {
    const worker = startWorker(settings)
    const database = new PgliteDatabase(worker)
    return new Promise((resolve, reject) => {
      const refuse = (message: string) => {
        const error = new StorageUnavailableError(`PGlite could not be started: ${message}`)
        database.#ended(error)
        reject(error)
      }
      worker.on('message', (response: Response) => {
        if (response.kind === 'ready') resolve(database)
        else if (response.kind === 'broken') refuse(response.message)
        else database.#settle(response)
      })
      worker.on('error', (error) => refuse(error.message))
      worker.on('exit', (code) => refuse(`its thread ended with code ${code}`))
    })
  }

  /** The thread ended though nobody closed it. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  async query(statement: Statement, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    while (this.#session !== null) await this.#session
    const { name, text } = statement
    return this.#request((id) => ({ kind: 'query', id, name, text, parameters }))
  }

  async session<T>(work: (run: (script: string) => Promise<readonly Row[]>) => Promise<T>): Promise<T> {
    while (this.#session !== null) await this.#session
    const result = work((text) => this.#request((id) => ({ kind: 'script', id, text })))
    const settled = result.then(
      () => {},
      () => {},
    )
    this.#session = settled
    try {
      return await result
    } finally {
      this.#session = null
    }
  }

  async close(): Promise<void> {
    if (this.#end !== null) return
    const closed = this.#request((id) => ({ kind: 'close', id }))
    this.#end = new StorageUnavailableError('the store is closed')
    await closed
    await this.#worker.terminate()
  }

  #request(make: (id: number) => Request): Promise<readonly Row[]> {
    if (this.#end !== null) return Promise.reject(this.#end)
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#worker.postMessage(make(id))
    })
  }

  #settle(response: Exclude<Response, { kind: 'ready' | 'broken' }>): void {
    const pending = this.#pending.get(response.id)
    this.#pending.delete(response.id)
    if (pending === undefined) return
    if (response.kind === 'rows') pending.resolve(response.rows)
    else {
      const message = `PGlite: ${response.message}`
      const cause = new Error(response.message)
      pending.reject(storageError(response.sqlState ?? undefined, message, cause) ?? new Error(message))
    }
  }

  /** Whether the requests under way were carried out is unknown. */
  #ended(error: Error): void {
    this.#isBroken ||= this.#end === null
    this.#end ??= error
    for (const pending of this.#pending.values()) pending.reject(error)
    this.#pending.clear()
  }
}
