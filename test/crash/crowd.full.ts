/** Real processes with hundreds of runs in flight, killed with SIGKILL and stopped with SIGSTOP beyond the lease (I1, I2, I4, I10). */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { assertWhole, readRuns } from '../engine/stored-runs.ts'
import { until } from '../engine/support.ts'
import { startTestPostgres } from '../postgres.ts'
import { crowdSource } from './crowd-source.ts'

const runs = 300
const program = join(dirname(fileURLToPath(import.meta.url)), 'crowd.ts')

describe('processes with hundreds of runs in flight', () => {
  const children: ChildProcess[] = []
  const readers: pg.Client[] = []
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    for (const reader of readers.splice(0)) await reader.end()
  })

  async function read(url: string, schema: string): Promise<pg.Client> {
    const reader = new pg.Client(url)
    readers.push(reader)
    await reader.connect()
    await reader.query(`set search_path to ${schema}`)
    return reader
  }

  const number = async (reader: pg.Client, query: string) =>
    Number((await reader.query(`select (${query}) n`)).rows[0].n)

  async function join(url: string, schema: string, count: number): Promise<ChildProcess> {
    const child = spawn(process.execPath, ['--import', 'tsx', program, url, schema, String(count)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    assert.ok(child.stdout)
    const first = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    assert.match(String(first[0]), /running/)
    return child
  }

  const open = (reader: pg.Client) => number(reader, 'select count(*) from run where status = 0')

  async function assertAllEnd(reader: pg.Client): Promise<void> {
    await until(async () => (await open(reader)) === 0, 170_000)
    const found = await readRuns(reader)
    assert.equal(found.length, runs)
    for (const run of found) {
      const { events } = await assertWhole(run, crowdSource)
      assert.equal(run.outcome, 2 * Number(run.workflowId.slice('crowd-'.length)) + 5, run.workflowId)
      assert.equal(events.filter(({ type }) => type === 'ActivityTaskScheduled').length, 5)
    }
    assert.equal(await number(reader, 'select count(*) from run where owner is not null'), 0)
  }

  it('killed with SIGKILL four times, while it goes on with them: every run ends, each activity once', async () => {
    const { url } = await startTestPostgres()
    const schema = `crowd_kill_${process.pid}`
    const reader = await read(url, schema)
    let killed = 0
    const turns = () => number(reader, 'select count(*) from history')
    for (let round = 0; round < 4; round += 1) {
      const child = await join(url, schema, runs)
      const before = await turns()
      await until(async () => (await turns()) > before + 100 || (await open(reader)) === 0, 100_000)
      killed += await open(reader)
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await join(url, schema, 0)
    await assertAllEnd(reader)
    assert.ok(killed > 0, 'none was killed in the middle')
  }).timeout(300_000)

  it('stopped with SIGSTOP beyond the lease and continued: it writes nothing more of its runs, another ends them', async () => {
    const { url } = await startTestPostgres()
    const schema = `crowd_stop_${process.pid}`
    const stopped = await join(url, schema, runs)
    stopped.kill('SIGSTOP')
    const reader = await read(url, schema)
    const node = await number(reader, 'select node_id from node')
    const owned = () => number(reader, `select count(*) from run where owner = ${node}`)
    assert.ok((await owned()) > 0, 'some are in flight')
    await join(url, schema, 0)
    await until(async () => (await owned()) === 0)
    stopped.kill('SIGCONT')
    await assertAllEnd(reader)
    assert.equal(stopped.exitCode, null, 'it goes on as a new node')
    assert.equal(await owned(), 0)
  })
})
