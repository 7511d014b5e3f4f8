/** Starts of one workflow id from two nodes at once, in every variant: one open run, and an answer for everybody. */
import assert from 'node:assert/strict'
import pg from 'pg'
import { openStorage } from '../../../storage/open.ts'
import { startTestPostgres } from '../../postgres.ts'
import { deploy, doc, echo, FunctionExecutor, namespace, startEngine, until } from '../support.ts'

const schema = `starts_${process.pid}`

describe('starts that race from two nodes', () => {
  it('of one id, in every variant of idConflict and idReuse', async () => {
    const { url } = await startTestPostgres()
    const open = () =>
      startEngine(new FunctionExecutor(echo), {
        storage: openStorage({ kind: 'postgres', connectionString: url, schema }),
      }).then(({ engine }) => engine)
    const one = await open()
    const two = await open()
    const reader = new pg.Client(url)
    await reader.connect()
    try {
      await reader.query(`set search_path to ${schema}`)
      await deploy(one, doc('signals: { go: {} }\nsteps: [ { id: g, wait: { signal: go } } ]', 'gate'))
      const variants = [
        { idConflict: 'fail' },
        { idConflict: 'useExisting' },
        { idConflict: 'terminateExisting' },
        { idReuse: 'reject' },
        { idReuse: 'allowFailedOnly' },
      ] as const
      for (const [place, variant] of variants.entries()) {
        for (let round = 0; round < 5; round += 1) {
          const ref = { namespace, workflowId: `v${place}-${round}` }
          const answers = await Promise.allSettled(
            [one, two, one, two].map((engine) =>
              engine.startExecution({ ...ref, workflow: 'gate', ...variant }),
            ),
          )
          for (const answer of answers)
            if (answer.status === 'rejected')
              assert.equal(answer.reason.code, 'WorkflowAlreadyRunning', `${answer.reason}`)
          const created = answers.filter(({ status }) => status === 'fulfilled').length
          if (place === 1) assert.equal(created, 4, 'useExisting is always answered')
          else assert.ok(created >= 1, JSON.stringify(variant))
          if (place !== 2 && place !== 1) assert.equal(created, 1, JSON.stringify(variant))
          const { rows } = await reader.query(
            'select count(*) filter (where status = 0) open, count(*) filter (where status = 4) terminated, count(*) n from run where workflow_id = $1',
            [ref.workflowId],
          )
          assert.equal(rows[0].open, '1')
          if (place === 2) assert.equal(Number(rows[0].n), Number(rows[0].terminated) + 1)
          else assert.equal(rows[0].n, '1')
          // Its close races a start that must not see an id without a run.
          const [, late] = await Promise.allSettled([
            one.signal(ref, 'go', null),
            two.startExecution({ ...ref, workflow: 'gate', ...variant }),
          ])
          if (late.status === 'rejected') assert.equal(late.reason.code, 'WorkflowAlreadyRunning')
        }
      }
      // Every run of a closed id is closed, every open one is waiting: nothing hangs in between.
      for (const engine of [one, two]) await engine.quiet()
      await until(async () => (await reader.query('select count(*) n from inbox')).rows[0].n === '0')
    } finally {
      await reader.end()
      for (const engine of [one, two]) await engine.stop({ graceMs: 0 })
    }
  }).timeout(90_000)
})
