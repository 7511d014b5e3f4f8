import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { pino } from 'pino'
import { EngineError } from '../../engine/engine-error.ts'
import { type Harness, harness, hello, until } from './harness.ts'

interface Message {
  readonly id: string
  readonly data: { readonly eventId: number; readonly type: string; readonly timestamp: string }
}

/** Reads a stream message by message. */
class Reader {
  readonly response: Response
  readonly messages: Message[] = []
  readonly comments: string[] = []
  readonly #abort: AbortController
  #ended = false
  readonly done: Promise<void>

  constructor(response: Response, abort: AbortController) {
    this.response = response
    this.#abort = abort
    this.done = this.#read().finally(() => {
      this.#ended = true
    })
  }

  static async open(url: string, headers: { [name: string]: string } = {}): Promise<Reader> {
    const abort = new AbortController()
    return new Reader(await fetch(url, { headers, signal: abort.signal }), abort)
  }

  get ended(): boolean {
    return this.#ended
  }

  async #read(): Promise<void> {
    let pending = ''
    const decoder = new TextDecoder()
    try {
      for await (const bytes of this.response.body ?? []) {
        pending += decoder.decode(bytes, { stream: true })
        const blocks = pending.split('\n\n')
        pending = blocks.pop() ?? ''
        for (const block of blocks) this.#take(block)
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error
    }
  }

  #take(block: string): void {
    if (block.startsWith(':')) {
      this.comments.push(block.slice(2))
      return
    }
    const [id = '', data = ''] = block.split('\n')
    this.messages.push({ id: id.replace('id: ', ''), data: JSON.parse(data.replace('data: ', '')) })
  }

  async close(): Promise<void> {
    this.#abort.abort()
    await this.done
  }
}

describe('server: the event stream', () => {
  let at: Harness
  const path = '/api/v1/workflows/w/events'
  beforeEach(async () => {
    at = await harness({ limits: { heartbeatMs: 40 } })
    await at.engine.deploy({ namespace: 'default', source: hello, format: 'yaml' })
    await at.engine.startExecution({ namespace: 'default', workflow: 'hello', workflowId: 'w' })
  })
  afterEach(() => at.stop())
  const signal = (input: string | number = 1) =>
    at.engine.signal({ namespace: 'default', workflowId: 'w' }, 's', input)

  it('sends what is there, then what comes, and ends with the run', async () => {
    const reader = await Reader.open(`${at.url}${path}`)
    assert.equal(reader.response.status, 200)
    assert.equal(reader.response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    assert.equal(reader.response.headers.get('cache-control'), 'no-store')
    assert.equal(reader.response.headers.get('perdure-run-id'), 'run-1')
    await until(() => reader.messages.length === 1)
    await signal()
    await until(() => reader.messages.length === 2)
    assert.equal(reader.ended, false)
    at.engine.complete('w', 1)
    await reader.done
    assert.deepEqual(
      reader.messages.map(({ id, data }) => [id, data.eventId, data.type]),
      [
        ['1', 1, 'WorkflowExecutionStarted'],
        ['2', 2, 'WorkflowSignalReceived'],
        ['3', 3, 'WorkflowExecutionCompleted'],
      ],
    )
    assert.equal(reader.messages[0]?.data.timestamp, '2026-01-02T03:04:05.679Z')
  })

  it('goes on after Last-Event-ID, which wins over `after`', async () => {
    await signal()
    await signal()
    at.engine.complete('w', 1)
    const resumed = await Reader.open(`${at.url}${path}?after=1`, { 'last-event-id': '2' })
    await resumed.done
    assert.deepEqual(
      resumed.messages.map(({ id }) => id),
      ['3', '4'],
    )
    const after = await Reader.open(`${at.url}${path}?after=3`, { 'last-event-id': '' })
    await after.done
    assert.deepEqual(
      after.messages.map(({ id }) => id),
      ['4'],
    )
  })

  it('misses nothing and repeats nothing over many breaks', async () => {
    const seen: string[] = []
    for (let round = 0; round < 5; round++) {
      await signal(round)
      const last = seen.at(-1)
      const reader = await Reader.open(
        `${at.url}${path}`,
        last === undefined ? {} : { 'last-event-id': last },
      )
      await signal(round)
      await until(() => seen.length + reader.messages.length >= 3 + 2 * round)
      await reader.close()
      seen.push(...reader.messages.map(({ id }) => id))
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 11 }, (_, index) => String(index + 1)),
    )
  })

  it('tells a reader who has the last event of a closed run to stay away', async () => {
    at.engine.complete('w', 1)
    const answer = await at.call('GET', path, { headers: { 'last-event-id': '2' } })
    assert.equal(answer.status, 204)
  })

  it('gives signs of life, and ends for a reader ahead of a run that closed', async () => {
    const reader = await Reader.open(`${at.url}${path}?after=99`)
    await until(() => reader.comments.filter((text) => text === 'heartbeat').length >= 2)
    at.engine.complete('w', 1)
    await reader.done
    assert.deepEqual(reader.messages, [])
  })

  it('stays with its run when the execution starts anew', async () => {
    const reader = await Reader.open(`${at.url}${path}`)
    at.engine.complete('w', 1)
    await at.engine.startExecution({ namespace: 'default', workflow: 'hello', workflowId: 'w' })
    await reader.done
    assert.equal(reader.messages.length, 2)
  })

  it('answers 404 and 400 as problems', async () => {
    assert.equal((await at.call('GET', '/api/v1/workflows/none/events')).status, 404)
    const wrong = await at.call('GET', path, { headers: { 'last-event-id': 'x' } })
    assert.equal(wrong.status, 400)
    assert.deepEqual(wrong.body.errors[0].in, 'header')
    assert.equal((await at.call('HEAD', path)).status, 200)
  })

  it('keeps values on one line whatever they hold', async () => {
    await signal('a\nid: 7\r\ndata: {}\n\n\u2028')
    at.engine.complete('w', 1)
    const reader = await Reader.open(`${at.url}${path}`)
    await reader.done
    assert.deepEqual(
      reader.messages.map(({ id }) => id),
      ['1', '2', '3'],
    )
  })

  it('is cut off when the engine fails under way, and goes on afterwards', async () => {
    await at.engine.signal({ namespace: 'default', workflowId: 'w' }, 's', 1)
    const reader = await Reader.open(`${at.url}${path}`)
    await until(() => reader.messages.length === 2)
    at.engine.failure = new EngineError('Unavailable', 'the database is away')
    await assert.rejects(reader.done, /terminated/)
    at.engine.complete('w', 1)
    const resumed = await Reader.open(`${at.url}${path}`, { 'last-event-id': '2' })
    await resumed.done
    assert.deepEqual(
      resumed.messages.map(({ id }) => id),
      ['3'],
    )
  })

  it('lets go of its wait when the reader leaves', async () => {
    const reader = await Reader.open(`${at.url}${path}?after=1`)
    await until(() => at.engine.longPolls === 1)
    await reader.close()
    await until(() => at.engine.longPolls === 0)
    assert.equal(at.engine.waiting.size, 0)
  })

  it('disconnects a reader who takes nothing', async () => {
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) })
    const quiet = await harness({ engine: at.engine, log, limits: { stalledStreamMs: 100 } })
    const big = 'x'.repeat(1024 * 1024)
    for (let n = 0; n < 30; n++) await signal(big)
    const socket = connect(quiet.port, '127.0.0.1')
    socket.pause()
    socket.on('error', () => {})
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    await until(() => lines.some((line) => line.includes('"disconnected":true')))
    socket.destroy()
    await quiet.stop()
  })
})
