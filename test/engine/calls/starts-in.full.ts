/** `perdure.startIn`: an execution that is born in the caller's own transaction, on a real server. */
import assert from 'node:assert/strict'
import pg from 'pg'
import { EngineError, Perdure } from '../../../index.ts'
import { startTestPostgres } from '../../postgres.ts'
import { codeOf, doc, until } from '../support.ts'

const greeter = doc(
  `
input: { type: object, properties: { name: { type: string, default: you } } }
signals: { go: { schema: { type: object } } }
steps:
  - id: gate
    wait: { signal: go }
  - return: "Hello, \${ input.name }"
`,
  'greeter',
)
const atOnce = doc('steps: [ { return: 1 } ]', 'at-once')
const machine = doc('initial: a\nstates:\n  a: { on: { go: b } }\n  b: { final: true, return: 1 }', 'machine')

describe('starts inside a transaction of the caller', function () {
  this.timeout(60_000)
  let perdure: Perdure
  let connection: pg.Client
  let created: string
  const notSeen = (workflowId: string) => codeOf(perdure.client.handle(workflowId).describe())

  before(async () => {
    const { url } = await startTestPostgres()
    const admin = new pg.Client(url)
    await admin.connect()
    created = `start_in_${process.pid}_${Date.now()}`
    await admin.query(`create database ${created}`)
    await admin.end()
    const own = new URL(url)
    own.pathname = `/${created}`
    // Polling alone would take longer than a test waits: that a commit is heard is part of it.
    const settings = { pollIntervalMs: 60_000 }
    perdure = new Perdure({ databaseUrl: own.href, settings })
    await perdure.start()
    for (const source of [greeter, atOnce, machine]) await perdure.deploy(source)
    connection = new pg.Client(own.href)
    await connection.connect()
    await connection.query('create schema shop; create table shop.orders (id text); set search_path = shop')
  })
  after(async () => {
    await connection?.end()
    await perdure?.stop({ graceMs: 0 })
  })
  afterEach(() => connection.query('rollback'))

  it('begins when that commits, whatever its search path is', async () => {
    await connection.query('begin isolation level serializable')
    await connection.query("insert into orders values ('o-1')")
    const handle = await perdure.startIn(connection, 'greeter', { workflowId: 'o-1' })
    assert.equal(await notSeen('o-1'), 'ExecutionNotFound')
    await connection.query('commit')
    await handle.signal('go', {})
    assert.equal(await handle.result(), 'Hello, you')
    const { memo, firstRunId } = await handle.describe()
    assert.deepEqual([memo, firstRunId], [null, handle.runId])
  })

  it('never was where that rolls back', async () => {
    await connection.query('begin')
    await perdure.startIn(connection, 'at-once', { workflowId: 'o-2', requestId: 'r-2' })
    await connection.query('rollback')
    assert.equal(await notSeen('o-2'), 'ExecutionNotFound')
    const { workflowId } = await perdure.client.start('at-once', { workflowId: 'o-2', requestId: 'r-2' })
    assert.equal(await perdure.client.handle(workflowId).result(), 1)
  })

  it('is heard by the nodes at once, and brings its signal, memo and attributes', async () => {
    await connection.query('begin')
    const handle = await perdure.startIn(connection, 'greeter', {
      input: { name: 'Ada' },
      signal: { name: 'go', input: {} },
      memo: { a: 1 },
      searchAttributes: { region: 'eu' },
    })
    await connection.query('commit')
    assert.equal(await handle.result(), 'Hello, Ada')
    const { memo, searchAttributes } = await handle.describe()
    assert.deepEqual([memo, searchAttributes], [{ a: 1 }, { region: 'eu' }])
  })

  it('works without a transaction too', async () => {
    assert.equal(await (await perdure.startIn(connection, 'at-once')).result(), 1)
  })

  it('is answered with the run that its request made, in this transaction or before', async () => {
    await connection.query('begin')
    const request = { workflowId: 'o-4', requestId: 'r-4' }
    const first = await perdure.startIn(connection, 'greeter', request)
    assert.equal((await perdure.startIn(connection, 'greeter', request)).runId, first.runId)
    await connection.query('commit')
    assert.equal((await perdure.startIn(connection, 'greeter', request)).runId, first.runId)
    assert.equal((await perdure.client.start('greeter', request)).runId, first.runId)
  })

  it('says who has the workflow id, and leaves the transaction as it was', async () => {
    const open = await perdure.client.start('greeter', { workflowId: 'o-5' })
    const closed = await perdure.client.start('at-once', { workflowId: 'o-6' })
    await closed.result()
    await connection.query('begin')
    await connection.query("insert into orders values ('o-5')")
    const start = (options: object) => codeOf(perdure.startIn(connection, 'at-once', options))
    assert.equal(await start({ workflowId: 'o-5', requestId: 'r-5' }), 'WorkflowAlreadyRunning')
    assert.equal(await start({ workflowId: 'o-6', idReuse: 'reject' }), 'WorkflowAlreadyRunning')
    assert.equal(await start({ workflowId: 'o-6', idReuse: 'allowFailedOnly' }), 'WorkflowAlreadyRunning')
    const joined = await perdure.startIn(connection, 'at-once', {
      workflowId: 'o-5',
      idConflict: 'useExisting',
    })
    assert.equal(joined.runId, open.runId)
    await perdure.startIn(connection, 'at-once', { workflowId: 'o-6', requestId: 'r-5' })
    await connection.query('commit')
    const { rows } = await connection.query("select 1 from orders where id = 'o-5'")
    assert.equal(rows.length, 1)
    await until(async () => (await perdure.client.count("workflowId = 'o-6' and status = 'completed'")) === 2)
  })

  it('refuses what is wrong, and what would need others to act before the commit', async () => {
    const start = (workflow: string, options: object) =>
      codeOf(perdure.startIn(connection, workflow, options))
    assert.equal(await start('nobody', {}), 'WorkflowNotFound')
    assert.equal(await start('greeter', { input: { name: 1 } }), 'InputInvalid')
    assert.equal(await start('at-once', { idConflict: 'terminateExisting' }), 'RequestInvalid')
    assert.equal(await start('machine', { signal: { name: 'go' } }), 'RequestInvalid')
  })

  it('needs a store that others can connect to', async () => {
    const inMemory = new Perdure({ inMemory: true })
    await inMemory.start()
    try {
      await inMemory.deploy(atOnce)
      await assert.rejects(
        inMemory.startIn(connection, 'at-once'),
        (error) => error instanceof EngineError && error.code === 'RequestInvalid',
      )
    } finally {
      await inMemory.stop()
    }
  })
})
