/**
 * A real process is killed with SIGKILL at each named point of the turn and started again: it ends with the same
 * result, and each scheduled activity has exactly one terminal event (I1, I2, I4). On PostgreSQL and on PGlite.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { faultPointNames } from '../../engine/fault-points.ts'
import type { HistoryEvent } from '../../index.ts'
import { startTestPostgres } from '../postgres.ts'
import { readCalls, Subject } from './process.ts'

const expected = { total: 12, each: [100, 200, 300], slow: 7 }
/** How often a point is passed before the kill: at the first turn, in the middle, and late. */
const counts = [1, 4, 8]

/** Those of turns that send something are passed by `family.full.ts`. */
const pointsOfEveryTurn = faultPointNames.filter(
  (point) => point !== 'afterSendsBeforeCommit' && point !== 'afterPostBeforeDelivered',
)

function terminalEvents(events: readonly HistoryEvent[]): Map<number, number> {
  const ended = new Map<number, number>()
  for (const event of events) {
    if (event.type === 'ActivityTaskScheduled') ended.set(event.activityId, ended.get(event.activityId) ?? 0)
    const isTerminal =
      event.type === 'ActivityTaskCompleted' ||
      event.type === 'ActivityTaskCanceled' ||
      ((event.type === 'ActivityTaskFailed' || event.type === 'ActivityTaskTimedOut') &&
        event.willRetryAt === undefined)
    if (isTerminal) ended.set(event.activityId, (ended.get(event.activityId) ?? 0) + 1)
  }
  return ended
}

function assertWhole(events: readonly HistoryEvent[]): void {
  assert.deepEqual(
    events.map((event) => event.eventId),
    events.map((_, n) => n + 1),
    'event ids are dense from 1',
  )
  assert.equal(events.at(-1)?.type, 'WorkflowExecutionCompleted')
  assert.equal(events.filter((event) => event.type === 'WorkflowExecutionCompleted').length, 1)
  const ended = terminalEvents(events)
  assert.equal(ended.size, 7)
  for (const [activity, count] of ended)
    assert.equal(count, 1, `activity ${activity} has ${count} terminal events`)
}

const stores: { readonly [name: string]: (directory: string) => Promise<string> } = {
  PostgreSQL: async () => (await startTestPostgres()).url,
  PGlite: async (directory) => `pglite:${join(directory, 'data')}`,
}

for (const [name, target] of Object.entries(stores)) {
  describe(`killed with SIGKILL, on ${name}`, () => {
    let directory = ''
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'perdure-crash-'))
    })
    afterEach(() => rmSync(directory, { recursive: true, force: true }))

    for (const point of pointsOfEveryTurn) {
      for (const count of counts) {
        it(`${point}, the ${count}. time: ends with the same result and one terminal event per activity`, async () => {
          const store = await target(directory)
          const workflowId = `crash-${point}-${count}-${process.pid}`
          const calls = join(directory, 'calls')
          const killed = await new Subject(store, workflowId, calls, {
            PERDURE_FAULT_POINT: `${point}:${count}`,
          }).end()
          assert.equal(killed.signal, 'SIGKILL', `it was not killed: ${killed.errors}`)
          const again = await new Subject(store, workflowId, calls).end()
          assert.deepEqual(again.report?.result, expected, again.errors)
          assertWhole(again.report?.events ?? [])
          const keys = new Map<number, Set<string>>()
          for (const call of readCalls(calls)) {
            keys.set(call.activityId, (keys.get(call.activityId) ?? new Set()).add(call.key))
          }
          for (const [activity, used] of keys)
            assert.equal(used.size, 1, `activity ${activity} had several idempotency keys`)
        })
      }
    }
  })
}
