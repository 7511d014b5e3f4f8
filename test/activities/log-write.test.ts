/** `log.write`: what reaches the log. */
import assert from 'node:assert/strict'
import { builtInActivities } from '../../activities/builtin/index.ts'
import { parseDuration } from '../../schema/duration.ts'
import { outcomeOf, runnerOf, settle, taskOf } from './attempts.ts'

describe('log.write', () => {
  it('writes to the log with the address of the attempt and gives null', async () => {
    const lines: unknown[] = []
    const { runner } = runnerOf(builtInActivities({ parseDuration }), {
      log: {
        info: (...line) => lines.push(['info', ...line]),
        warn: (...line) => lines.push(['warn', ...line]),
        error() {},
      },
    })
    const outcome = await outcomeOf(
      runner,
      taskOf('log.write', { input: { level: 'warn', message: 'low stock', fields: { sku: 'a' } } }),
    )
    assert.ok(outcome.kind === 'completed')
    assert.equal(outcome.result, null)
    await outcomeOf(runner, taskOf('log.write', { activityId: 2, input: { message: 'plain' } }))
    await settle()
    const about = { workflowId: 'w-1', runId: 'r-1', step: 'charge', activity: 'log.write', attempt: 1 }
    assert.deepEqual(lines, [
      ['warn', 'low stock', { ...about, sku: 'a' }],
      ['info', 'plain', about],
    ])
  })

  it('refuses an unknown level', async () => {
    const { runner } = runnerOf(builtInActivities({ parseDuration }))
    const outcome = await outcomeOf(runner, taskOf('log.write', { input: { level: 'loud', message: 'x' } }))
    assert.ok(outcome.kind === 'failed')
    assert.equal(outcome.error.type, 'ActivityInputInvalid')
  })
})
