/**
 * Hints between processes: LISTEN and NOTIFY on one connection of their own. Debounced, and never inside the
 * transaction of a turn (19,200 commits/s become 5,800, since NOTIFY serializes commits). A lost connection loses
 * hints, nothing else: everything works by polling.
 */
import { Client } from 'pg'
import type { Hint, NodeId } from '../contract.ts'
import { HintListeners } from '../hints.ts'
import type { Hints } from '../sql/storage.ts'

const channel = 'perdure_hints'
/** So long hints are gathered before they are sent. */
const debounceMs = 10
const firstRetryMs = 250
const longestRetryMs = 10_000
/** A payload holds 8,000 bytes at most; beyond so many runs the others look for themselves (`due`). */
const mostRunsInPayload = 150

interface Payload {
  /** Who sent it: the sender has told its own listeners already. */
  readonly from: string
  /** Several stores may share a database in schemas of their own. */
  readonly schema: string
  readonly runs: readonly string[]
  readonly due: boolean
  readonly outbox: boolean
}

export class PostgresHints implements Hints {
  readonly #listeners = new HintListeners()
  readonly #connectionString: string
  readonly #schema: string
  readonly #id: string
  readonly #ownNodes = new Set<NodeId>()
  readonly #runs = new Set<string>()
  #due = false
  #outbox = false
  #client: Client | null = null
  #isSending = false
  #sendTimer: NodeJS.Timeout | null = null
  #retryTimer: NodeJS.Timeout | null = null
  #retryMs = firstRetryMs
  #stopped = true

  constructor(connectionString: string, schema: string | undefined) {
    this.#connectionString = connectionString
    this.#schema = schema ?? ''
    this.#id = crypto.randomUUID()
  }

  add(listener: (hint: Hint) => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Runs of these nodes are told in this process alone. */
  addOwnNode(node: NodeId): void {
    this.#ownNodes.add(node)
  }

  tell(hint: Hint, owner: NodeId | null): void {
    this.#listeners.tell(hint)
    if (owner !== null && this.#ownNodes.has(owner)) return
    if (hint.kind === 'messages') this.#runs.add(hint.runId)
    else if (hint.kind === 'due') this.#due = true
    else this.#outbox = true
    if (this.#runs.size > mostRunsInPayload) {
      this.#runs.clear()
      this.#due = true
    }
    this.#sendSoon()
  }

  /** For a transaction of someone else's, which sends it when it commits: something is due. */
  get dueNotice(): { readonly channel: string; readonly payload: string } {
    const payload: Payload = { from: '', schema: this.#schema, runs: [], due: true, outbox: false }
    return { channel, payload: JSON.stringify(payload) }
  }

  async start(): Promise<void> {
    this.#stopped = false
    await this.#connect()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of [this.#sendTimer, this.#retryTimer]) if (timer !== null) clearTimeout(timer)
    this.#sendTimer = null
    this.#retryTimer = null
    const client = this.#client
    this.#client = null
    if (client !== null) await client.end().catch(() => {})
  }

  async #connect(): Promise<void> {
    this.#retryTimer = null
    const client = new Client({
      connectionString: this.#connectionString,
      application_name: 'perdure hints',
      keepAlive: true,
    })
    client.on('error', () => this.#lost(client))
    client.on('end', () => this.#lost(client))
    client.on('notification', ({ payload }) => this.#receive(payload))
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
    } catch {
      this.#lost(client)
      return
    }
    if (this.#stopped) {
      await client.end().catch(() => {})
      return
    }
    this.#client = client
    this.#retryMs = firstRetryMs
    // Whatever was said while nobody listened here.
    this.#listeners.tell({ kind: 'due' })
    this.#sendSoon()
  }

  /** Comes as an error, as an end, or both. */
  #lost(client: Client): void {
    if (this.#client === client) this.#client = null
    client.removeAllListeners('notification')
    client.end().catch(() => {})
    if (this.#stopped || this.#client !== null || this.#retryTimer !== null) return
    this.#retryTimer = setTimeout(() => void this.#connect(), this.#retryMs)
    this.#retryTimer.unref()
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs)
  }

  /** Without a connection hints wait for the next one. */
  #sendSoon(): void {
    if (this.#client === null || this.#isSending) return
    if (this.#runs.size === 0 && !this.#due && !this.#outbox) return
    this.#sendTimer ??= setTimeout(() => this.#send(this.#client), debounceMs)
  }

  #send(client: Client | null): void {
    this.#sendTimer = null
    if (client === null) return
    const payload: Payload = {
      from: this.#id,
      schema: this.#schema,
      runs: [...this.#runs],
      due: this.#due,
      outbox: this.#outbox,
    }
    this.#runs.clear()
    this.#due = false
    this.#outbox = false
    // One statement at a time on this connection; what comes meanwhile goes with the next.
    this.#isSending = true
    client
      .query('select pg_notify($1, $2)', [channel, JSON.stringify(payload)])
      .catch(() => {})
      .finally(() => {
        this.#isSending = false
        this.#sendSoon()
      })
  }

  #receive(text: string | undefined): void {
    const payload = text === undefined ? null : parsed(text)
    if (payload === null || payload.from === this.#id || payload.schema !== this.#schema) return
    for (const runId of payload.runs) this.#listeners.tell({ kind: 'messages', runId })
    if (payload.due) this.#listeners.tell({ kind: 'due' })
    if (payload.outbox) this.#listeners.tell({ kind: 'outbox' })
  }
}

/** Anyone may notify on the channel; what is not ours is no hint. */
function parsed(text: string): Payload | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return null
    const { from, schema, runs, due, outbox } = value as Partial<Payload>
    if (typeof from !== 'string' || typeof schema !== 'string' || typeof due !== 'boolean') return null
    if (!Array.isArray(runs) || !runs.every((run) => typeof run === 'string')) return null
    return { from, schema, runs, due, outbox: outbox === true }
  } catch {
    return null
  }
}
