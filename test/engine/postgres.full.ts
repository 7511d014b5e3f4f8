import assert from 'node:assert/strict'
import pg from 'pg'
import { openStorage } from '../../storage/open.ts'
import { startTestPostgres } from '../postgres.ts'
import { describeEngine } from './driver-suite.ts'
import { deploy, doc, echo, FunctionExecutor, namespace, startEngine } from './support.ts'

const schema = `engine_${process.pid}_${Date.now()}`

describeEngine('PostgreSQL', async () => {
  const { url } = await startTestPostgres()
  return {
    reconnects: true,
    connect: () => openStorage({ kind: 'postgres', connectionString: url, schema }),
  }
})

describe('engine over PostgreSQL whose connections are cut again and again', () => {
  it('ends every run it said it had started, each step recorded once', async () => {
    const { url } = await startTestPostgres()
    const connectionString = `${url}${url.includes('?') ? '&' : '?'}application_name=perdure-cut`
    const { engine } = await startEngine(new FunctionExecutor(echo), {
      storage: openStorage({ kind: 'postgres', connectionString, schema: `${schema}_cut` }),
    })
    const knife = new pg.Client(url)
    await knife.connect()
    try {
      const steps = Array.from(
        { length: 5 },
        (_, n) => `  - { id: s${n}, activity: echo, input: { value: ${n} } }`,
      )
      await deploy(engine, doc(`steps:\n${steps.join('\n')}\n  - return: \${ steps.s4 }\n`))
      const started: string[] = []
      let cut = 0
      // As a client does; a connection may turn out to be cut long after it was.
      const insist = async <T>(ask: () => Promise<T>): Promise<T> => {
        for (;;) {
          try {
            return await ask()
          } catch (thrown) {
            assert.equal((thrown as { code?: string }).code, 'Unavailable', String(thrown))
            await new Promise((resolve) => setTimeout(resolve, 20))
          }
        }
      }
      const begin = async (n: number) => {
        const request = { namespace, workflow: 'under-test', workflowId: `cut-${n}`, requestId: `cut-${n}` }
        await insist(() => engine.startExecution(request))
        started.push(request.workflowId)
      }
      for (let round = 0; round < 8; round += 1) {
        const batch = Array.from({ length: 25 }, (_, n) => begin(round * 25 + n))
        const { rowCount } = await knife.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
          ['perdure-cut'],
        )
        cut += rowCount ?? 0
        await Promise.all(batch)
      }
      assert.equal(started.length, 200)
      assert.ok(cut > 0, 'connections were cut')
      for (const workflowId of started) {
        const ref = { namespace, workflowId }
        let outcome = await insist(() => engine.result(ref))
        while (outcome.status === 'running') outcome = await insist(() => engine.result(ref))
        assert.equal(outcome.status, 'completed', workflowId)
        const { events } = await insist(() => engine.history(ref, { limit: 1000 }))
        const completed = events.filter(({ type }) => type === 'ActivityTaskCompleted')
        assert.equal(completed.length, 5, workflowId)
      }
      assert.equal(await insist(() => engine.count(namespace)), 200)
    } finally {
      await knife.end()
      await engine.stop({ graceMs: 0 })
    }
  })
})
