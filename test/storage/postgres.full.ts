import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { Client } from 'pg'
import {
  type Hint,
  type Storage,
  StorageDataError,
  StorageSetupError,
  StorageUnavailableError,
} from '../../storage/contract.ts'
import { openStorage } from '../../storage/open.ts'
import { PostgresDatabase } from '../../storage/postgres/database.ts'
import { knownMigrations, migrate } from '../../storage/sql/migrate.ts'
import { newRunId, newYear, StorageFixture } from '../../storage/suite/fixture.ts'
import { birth, commitSends, delivery, message } from '../../storage/suite/sending.ts'
import { describeStorage } from '../../storage/suite.ts'
import { startTestPostgres } from '../postgres.ts'

let lastSchema = 0
const newSchema = () => `storage_${process.pid}_${Date.now()}_${++lastSchema}`

const newStorage = async (schema = newSchema()): Promise<Storage> => {
  const { url } = await startTestPostgres()
  const storage = openStorage({ kind: 'postgres', connectionString: url, schema })
  await storage.open()
  return storage
}

describeStorage('postgres', newStorage)

describe('the PostgreSQL driver', () => {
  const opened: { close(): Promise<void> }[] = []
  const open = async (schema?: string) => {
    const storage = await newStorage(schema)
    opened.push(storage)
    return storage
  }
  const database = async (schema: string) => {
    const { url } = await startTestPostgres()
    const connection = new PostgresDatabase({ connectionString: url, schema })
    opened.push({ close: () => connection.end() })
    return connection
  }
  const client = async () => {
    const connection = new Client({ connectionString: (await startTestPostgres()).url })
    await connection.connect()
    opened.push({ close: () => connection.end() })
    return connection
  }
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close()
  })

  it('migrates once when several nodes start at once', async () => {
    const schema = newSchema()
    await Promise.all([1, 2, 3, 4].map(() => open(schema)))
    const rows = await (await client()).query(`select number from ${schema}.schema_migration order by number`)
    deepEqual(
      rows.rows.map((row) => row.number),
      knownMigrations().map((migration) => migration.number),
    )
  })

  it('a migration that fails leaves nothing of itself, and the next start goes on after the last good one', async () => {
    const schema = newSchema()
    const target = await database(schema)
    const good = { number: 1, name: 'good', script: 'create table good ()' }
    const bad = { number: 2, name: 'bad', script: 'create table half (); select 1 / 0' }
    await rejects(migrate(target, schema, [good, bad]))
    const better = { number: 2, name: 'better', script: 'create table half ()' }
    await migrate(target, schema, [good, better])
  })

  it('refuses a schema that is newer than it knows', async () => {
    const schema = newSchema()
    await open(schema)
    const last = knownMigrations().length
    await (await client()).query(
      `insert into ${schema}.schema_migration (number, name) values (${last + 1}, 'of the future')`,
    )
    await rejects(newStorage(schema), (error: unknown) => {
      ok(error instanceof StorageSetupError)
      match(error.message, new RegExp(`migration ${last + 1}; this version knows ${last}`))
      return true
    })
  })

  it('tells a server that is not there from a login that is refused', async () => {
    const { url } = await startTestPostgres()
    const nobody = openStorage({ kind: 'postgres', connectionString: 'postgresql://x@127.0.0.1:1/x' })
    await rejects(nobody.open(), StorageUnavailableError)
    const wrong = new URL(url)
    wrong.pathname = '/no_such_database'
    const refused = openStorage({ kind: 'postgres', connectionString: wrong.href })
    await rejects(refused.open(), StorageSetupError)
  })

  it('a connection that is cut fails its call as unavailable, and the next one works', async () => {
    const storage = await open()
    const fixture = new StorageFixture(storage)
    const node = await fixture.newNode()
    const runId = await fixture.begin(node)
    const killer = await client()
    const { rowCount } = await killer.query(
      "select pg_terminate_backend(pid, 60000) from pg_stat_activity where application_name = 'perdure' and pid <> pg_backend_pid()",
    )
    // The pool notices of each of its connections at the next use, or had noticed before.
    let failed = 0
    for (let works = false; !works; ) {
      works = await storage.ping().then(
        () => true,
        (error: unknown) => {
          ok(error instanceof StorageUnavailableError)
          failed += 1
          ok(failed <= (rowCount ?? 0))
          return false
        },
      )
    }
    deepEqual(await fixture.commit(node, fixture.turn(runId, 2)), [])
    await storage.close()
    await rejects(storage.ping(), StorageUnavailableError)
  })

  it('a login that is refused later is an outage, not the fault of what is written', async () => {
    const { url } = await startTestPostgres()
    const schema = newSchema()
    const admin = await client()
    await admin.query(`create role ${schema} login superuser`)
    const login = new URL(url)
    login.username = schema
    const storage = openStorage({ kind: 'postgres', connectionString: login.href, schema })
    await storage.open()
    opened.push(storage)
    const fixture = new StorageFixture(storage)
    const node = await fixture.newNode()
    const runId = await fixture.begin(node)
    await admin.query(`alter role ${schema} nologin`)
    const cut = 'select pg_terminate_backend(pid, 60000) from pg_stat_activity where usename = $1'
    await admin.query(cut, [schema])
    // The pool notices that its connection is gone at the next use, or had noticed before.
    await rejects(storage.ping(), StorageUnavailableError)
    await rejects(fixture.commit(node, fixture.turn(runId, 2)), StorageUnavailableError)
    await admin.query(`alter role ${schema} login`)
    deepEqual(await fixture.commit(node, fixture.turn(runId, 2)), [])
  })

  it('an id that is too long for an index is a data error', async () => {
    const fixture = new StorageFixture(await open())
    const node = await fixture.newNode()
    // Does not compress, as a repeated letter would.
    const workflowId = Array.from({ length: 4_000 }, () => Math.random().toString(36)).join('')
    await rejects(fixture.commit(node, fixture.startTurn({ workflowId })), StorageDataError)
  })

  it('commits that cross in two stores neither block one another nor lose anything', async () => {
    const schema = newSchema()
    const one = new StorageFixture(await open(schema))
    const two = new StorageFixture(await open(schema))
    const namespace = one.newNamespace()
    const nodes = [await one.newNode(), await two.newNode()]
    const names = Array.from({ length: 16 }, (_, number) => `w${number}`)
    const crossing = async (
      fixture: StorageFixture,
      node: number,
      mine: string,
      order: readonly string[],
    ) => {
      for (let round = 0; round < 15; round++) {
        const starts = order.map((name) =>
          fixture.startTurn({ namespace, workflowId: `${name}-${round}`, requestId: `${name}-${round}` }),
        )
        const own = order.map((name) =>
          fixture.startTurn({ namespace, workflowId: `${mine}-${name}-${round}` }),
        )
        await fixture.commit(node, ...own)
        const closes = own.map((start) => fixture.turn(start.runId, 2, { change: fixture.closing() }))
        const messages = order.map((name) => ({
          namespace,
          workflowId: `${name}-${round}`,
          payload: '1',
          dedupe: null,
        }))
        const [rejected] = await Promise.all([
          fixture.commit(node, ...starts, ...closes),
          fixture.storage.messages.send(messages, newYear),
        ])
        ok(rejected.every(({ reason }) => reason === 'duplicateRequest' || reason === 'exists'))
      }
    }
    await Promise.all([
      crossing(one, nodes[0] ?? 0, 'a', names),
      crossing(two, nodes[1] ?? 0, 'b', [...names].reverse()),
    ])
    equal(await one.storage.visibility.count({ namespace, status: 'running' }), names.length * 15)
    equal(await one.storage.visibility.count({ namespace, status: 'completed' }), names.length * 30)
  })

  it('a takeover waits for the commit under way, and the commit after it is fenced', async () => {
    const schema = newSchema()
    const storage = await open(schema)
    const fixture = new StorageFixture(storage)
    const node = await fixture.newNode()
    await fixture.begin(node)
    // A write under way is one that holds the node's row.
    const writer = await client()
    await writer.query(`begin; select 1 from ${schema}.node where node_id = ${node} for key share`)
    let isOver = false
    const takeover = storage.nodes.takeOver(node, 0, newYear).then((count) => {
      isOver = true
      return count
    })
    const observer = await client()
    for (;;) {
      const waiting = await observer.query(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%declare_dead%'",
      )
      if (waiting.rowCount === 1) break
    }
    equal(isOver, false)
    await writer.query('commit')
    equal(await takeover, 1)
    deepEqual(await storage.commit(node, [fixture.startTurn()]), { outcome: 'fenced' })
  })

  it('a takeover that was cut short is finished by the next observer', async () => {
    const schema = newSchema()
    const storage = await open(schema)
    const fixture = new StorageFixture(storage)
    const node = await fixture.newNode()
    const runId = await fixture.begin(node)
    // What is there when the observer dies between its two transactions.
    await (await client()).query(`update ${schema}.node set is_live = false where node_id = ${node}`)
    equal(await storage.nodes.beat(node), 'fenced')
    deepEqual(await storage.nodes.observe(), [{ node, beats: 0 }])
    equal(await storage.nodes.takeOver(node, 0, newYear), 1)
    equal((await storage.runs.load(runId))?.takeovers, 1)
    deepEqual(await storage.nodes.observe(), [])
  })

  it('hints reach the other store, also after its listening connection was cut', async () => {
    const schema = newSchema()
    const fixture = new StorageFixture(await open(schema))
    const other = await open(schema)
    const namespace = fixture.newNamespace()
    const node = await other.nodes.join('other')
    const runId = await new StorageFixture(other).begin(node, { namespace })
    const next = (wanted: Hint['kind'], storage = other) =>
      new Promise<Hint>((resolve) => {
        const stop = storage.onHint((hint) => {
          if (hint.kind !== wanted) return
          stop()
          resolve(hint)
        })
      })
    const message = next('messages')
    await fixture.send({ namespace })
    deepEqual(await message, { kind: 'messages', runId })
    // Who listens again says that there may be something to do; both were cut, and who sends is heard after it too.
    const again = [next('due'), next('due', fixture.storage)]
    await (await client()).query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'perdure hints'",
    )
    await Promise.all(again)
    const due = next('due')
    await fixture.begin(await fixture.newNode(), { owned: false })
    await due
  })

  it('what a turn sends is hinted at in the other store', async () => {
    const schema = newSchema()
    const fixture = new StorageFixture(await open(schema))
    const other = await open(schema)
    const namespace = fixture.newNamespace()
    const target = await new StorageFixture(other).begin(await other.nodes.join('other'), {
      namespace,
      workflowId: 'target',
    })
    const node = await fixture.newNode()
    const runId = await fixture.begin(node, { namespace })
    const wanted = new Set([`messages ${target}`, 'due', 'outbox'])
    const heard = new Promise<void>((resolve) => {
      const stop = other.onHint((hint) => {
        wanted.delete(hint.kind === 'messages' ? `messages ${hint.runId}` : hint.kind)
        if (wanted.size > 0) return
        stop()
        resolve()
      })
    })
    const what = { births: [birth(namespace)], messages: [message(namespace)], outbox: [delivery(namespace)] }
    await commitSends(fixture, node, runId, what)
    await heard
  })

  it('runs of the first release go on under this one', async () => {
    const schema = newSchema()
    const target = await database(schema)
    await migrate(target, schema, knownMigrations().slice(0, 6))
    const runId = newRunId()
    const connection = await client()
    await connection.query(`
      set search_path = ${schema};
      insert into run (run_id, namespace, workflow_id, wake_at) values ('${runId}', 'n', 'w', to_time(${newYear}));
      insert into execution (run_id, namespace, workflow_id, workflow, version, started_at)
        values ('${runId}', 'n', 'w', 'greet', '1.0.0', to_time(${newYear}));
      insert into history (run_id, first_event_id, event_count, events) values ('${runId}', 1, 1, '[]')`)
    const fixture = new StorageFixture(await open(schema))
    const node = await fixture.newNode()
    const [claimed] = await fixture.storage.runs.claim(node, newYear, 10, { alone: false })
    deepEqual([claimed?.runId, claimed?.firstRunId, claimed?.parent], [runId, runId, null])
    await commitSends(fixture, node, runId, { births: [birth('n')] })
    equal((await fixture.storage.visibility.list({ namespace: 'n' }, 10, null)).length, 2)
  })

  it('makes history partitions ahead, and rows of any time find one', async () => {
    const schema = newSchema()
    const fixture = new StorageFixture(await open(schema))
    const node = await fixture.newNode()
    const connection = await client()
    const partitionsOf = async (runId: string) =>
      (
        await connection.query(
          `select tableoid::regclass::text as name from ${schema}.history where run_id = $1`,
          [runId],
        )
      ).rows.map((row) => String(row.name).split('.').at(-1))
    const today = await fixture.begin(node, { startedAt: Date.now() })
    match((await partitionsOf(today))[0] ?? '', /^history_\d{8}$/)
    const old = await fixture.begin(node, { startedAt: 1_000 })
    deepEqual(await partitionsOf(old), ['history_default'])
    equal((await fixture.storage.runs.load(old))?.turns.length, 1)
    const children = await connection.query(
      `select count(*)::integer as count from pg_inherits where inhparent = '${schema}.history'::regclass`,
    )
    equal(children.rows[0]?.count, 3)
  })

  it('drops partitions that are over and empty when runs expire', async () => {
    const schema = newSchema()
    const storage = await open(schema)
    const connection = await client()
    await connection.query(
      `create table ${schema}.history_20240101 partition of ${schema}.history
        for values from ('018cc251-f400-0000-0000-000000000000') to ('018d5285-d400-0000-0000-000000000000')`,
    )
    await storage.expire(0, 10)
    const left = await connection.query(`select to_regclass('${schema}.history_20240101') as name`)
    equal(left.rows[0]?.name, null)
  })
})
