/** Real processes with hundreds of runs in flight, killed with SIGKILL and stopped with SIGSTOP beyond the lease (I1, I2, I4, I10). */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { defaultEngineSettings } from '../../engine/settings.ts'
import { assertWhole, readRuns } from '../engine/stored-runs.ts'
import { until } from '../engine/support.ts'
import { startTestPostgres } from '../postgres.ts'
import { crowdSource } from './crowd-source.ts'

const runs = 300
const program = join(dirname(fileURLToPath(import.meta.url)), 'crowd.ts')
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('processes with hundreds of runs in flight', () => {
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

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

  async function assertAllEnd(url: string, schema: string): Promise<void> {
    const reader = new pg.Client(url)
    await reader.connect()
    try {
      await reader.query(`set search_path to ${schema}`)
      const open = async () =>
        Number((await reader.query('select count(*) n from run where status = 0')).rows[0].n)
      await until(async () => (await open()) === 0, 45_000)
      const found = await readRuns(reader)
      assert.equal(found.length, runs)
      for (const run of found) {
        const { events } = await assertWhole(run, crowdSource)
        assert.equal(run.outcome, 2 * Number(run.workflowId.slice('crowd-'.length)) + 5, run.workflowId)
        assert.equal(events.filter(({ type }) => type === 'ActivityTaskScheduled').length, 5)
      }
      const left = await reader.query('select count(*) n from run where owner is not null')
      assert.equal(left.rows[0].n, '0')
    } finally {
      await reader.end()
    }
  }

  it('killed with SIGKILL four times: every run ends, each activity once', async () => {
    const { url } = await startTestPostgres()
    const schema = `crowd_kill_${process.pid}`
    for (let round = 0; round < 4; round += 1) {
      const child = await join(url, schema, runs)
      await pause(300 + round * 200)
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await join(url, schema, 0)
    await assertAllEnd(url, schema)
  }).timeout(120_000)

  it('stopped with SIGSTOP beyond the lease and continued: it writes nothing more of its runs, another ends them', async () => {
    const { url } = await startTestPostgres()
    const schema = `crowd_stop_${process.pid}`
    const stopped = await join(url, schema, runs)
    stopped.kill('SIGSTOP')
    await join(url, schema, 0)
    await pause(defaultEngineSettings.leaseTtlMs + 1_000)
    stopped.kill('SIGCONT')
    await assertAllEnd(url, schema)
    assert.equal(stopped.exitCode, null, 'it goes on as a new node')
  }).timeout(120_000)
})
