/** docs/embedding.md: the client of an embedded engine and the one over HTTP have the same methods and mean the same. */
import assert from 'node:assert/strict'
import { PerdureClient } from '../../client/index.ts'
import { Perdure } from '../../engine/embedded/perdure.ts'
import type { Json } from '../../schema/json.ts'
import { createServer, type PerdureServer } from '../../server/index.ts'
import { until } from '../engine/support.ts'

const document = `
dsl: perdure/1
name: counter
version: 1.0.0
vars: { n: 0 }
signals: { stop: {} }
queries:
  n: \${ vars.n }
  times: { schema: { type: integer }, return: "\${ vars.n * query }" }
updates:
  add:
    validate: update > 0
    do:
      - if: update > 100
        fail: { type: TooMany, message: "not so many" }
      - set: { n: "\${ vars.n + update }" }
    return: \${ vars.n }
steps:
  - id: stop
    wait: { signal: stop }
  - return: \${ vars.n }
`

type Answer =
  | { readonly updateId: string; readonly status: 'completed'; readonly result: Json }
  | { readonly updateId: string; readonly status: 'failed'; readonly error: { readonly type: string } }
  | { readonly updateId: string; readonly status: 'pending' }

/** What a program may call on either. */
interface Handle {
  readonly workflowId: string
  readonly runId: string | undefined
  result<Result = Json>(options?: { readonly signal?: AbortSignal }): Promise<Result>
  outcome(options?: {
    readonly waitMs?: number
    readonly follow?: boolean
  }): Promise<{ readonly status: string }>
  signal(name: string, input?: Json, options?: { readonly requestId?: string }): Promise<void>
  query<Value = Json>(name: string, input?: Json): Promise<Value>
  update<Result = Json>(
    name: string,
    input?: Json,
    options?: { readonly updateId?: string; readonly signal?: AbortSignal },
  ): Promise<Result>
  updateAnswer(
    name: string,
    input?: Json,
    options?: { readonly updateId?: string; readonly waitMs?: number },
  ): Promise<Answer>
  pause(reason?: string): Promise<void>
  resume(options?: { readonly skip?: boolean; readonly reason?: string }): Promise<void>
  cancel(reason?: string): Promise<void>
  terminate(reason?: string): Promise<void>
  describe(): Promise<{ readonly status: string; readonly paused: unknown; readonly vars: Json }>
  history(options?: { readonly after?: number }): AsyncIterable<{ readonly type: string }>
}
interface Client {
  start(workflow: string, options?: { readonly workflowId?: string; readonly input?: Json }): Promise<Handle>
  handle(workflowId: string, runId?: string): Handle
  list(options?: { readonly query?: string }): Promise<{ readonly items: readonly { workflowId: string }[] }>
  count(query?: string): Promise<number>
}

describe('the clients of an embedded engine and over HTTP', () => {
  const perdure = new Perdure({ inMemory: true, definitions: [{ source: document }] })
  let server: PerdureServer
  let clients: readonly (readonly [string, Client])[] = []
  before(async () => {
    await perdure.start()
    server = createServer({ engine: perdure.engine, port: 0 })
    const { url } = await server.start()
    clients = [
      ['embedded', perdure.client],
      ['http', new PerdureClient({ server: url })],
    ]
  })
  after(async () => {
    await server.stop(1_000)
    await perdure.stop()
  })

  const nameOf = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work
    } catch (error) {
      assert.ok(error instanceof Error)
      return 'code' in error ? String(error.code) : error.name
    }
    return 'nothing was thrown'
  }

  const story = async (client: Client, workflowId: string): Promise<readonly unknown[]> => {
    const handle = await client.start('counter', { workflowId })
    const told: unknown[] = [handle.workflowId, typeof handle.runId]
    told.push(
      await handle.update('add', 2, { updateId: 'u' }),
      await handle.update('add', 5, { updateId: 'u' }),
    )
    told.push(await handle.updateAnswer('add', 3, { waitMs: 5_000, updateId: 'v' }))
    told.push(await nameOf(handle.update('add', 0)), await nameOf(handle.update('add', 101)))
    told.push(await nameOf(handle.update('none')), await handle.query('n'), await handle.query('times', 3))
    await handle.pause('a moment')
    // It is durable; its effect follows.
    await until(async () => (await handle.describe()).paused !== null)
    told.push(await nameOf(handle.update('add', 1)))
    await handle.resume({ reason: 'go' })
    await until(async () => (await handle.describe()).paused === null)
    told.push((await handle.outcome()).status)
    await client.handle(workflowId).signal('stop')
    told.push(await handle.result(), await nameOf(handle.signal('stop')), await nameOf(handle.cancel()))
    const types: string[] = []
    for await (const { type } of handle.history()) types.push(type)
    told.push(types)
    const ended = await client.start('counter', { workflowId: `${workflowId}-2` })
    await ended.terminate('enough')
    told.push(await nameOf(ended.result()), (await ended.describe()).status)
    const canceled = await client.start('counter', { workflowId: `${workflowId}-3` })
    await canceled.cancel('enough')
    told.push(await nameOf(canceled.result()))
    told.push(await canceled.result().catch(({ error }) => [error.type, error.message]))
    const query = `workflowId starts with '${workflowId}'`
    told.push(await client.count(query), (await client.list({ query })).items.length)
    return told
  }

  it('tell the same story', async () => {
    const [embedded, http] = await Promise.all(
      clients.map(async ([name, client]) => {
        const told = await story(client, name)
        return JSON.stringify(told.slice(1))
      }),
    )
    assert.equal(http, embedded)
    assert.deepEqual(JSON.parse(embedded ?? 'null').slice(1, 7), [
      2,
      2,
      { updateId: 'v', status: 'completed', result: 5 },
      'UpdateRejected',
      'UpdateFailedError',
      'UpdateNotDeclared',
    ])
  })
})
