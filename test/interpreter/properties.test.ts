/**
 * Random workflows under random orders of events hold the invariants. A failure prints its seed and path; give them
 * back in PERDURE_SEED and PERDURE_PATH to replay it. PERDURE_RUNS sets how many workflows are drawn.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { nextWakeAt } from '../../interpreter/due.ts'
import { foldTurn } from '../../interpreter/fold.ts'
import { nextRandom, seedFrom } from '../../interpreter/random.ts'
import type { State } from '../../interpreter/state.ts'
import { randomDocument } from './generator.ts'
import { Run } from './harness.ts'

const runs = Number(process.env['PERDURE_RUNS'] ?? 150)
const seed = process.env['PERDURE_SEED']
const path = process.env['PERDURE_PATH']
const mostMoves = 400

/** Does something that may happen next, by the numbers of a generator. */
async function move(run: Run, chance: () => number): Promise<void> {
  const pending = Object.values(run.state.activitiesPending)
  const running = pending.filter((activity) => (activity.retryAt ?? 0) <= run.now)
  const dice = chance()
  const chosen = running[Math.floor(chance() * running.length)]
  if (dice < 0.02) return run.cancel('by chance')
  if (dice < 0.06) return run.signal('go', 1)
  if (dice < 0.09 && run.program.plan.signals['note'] !== undefined) return run.signal('note', 1)
  if (chosen !== undefined && dice < 0.85) {
    const base = { timestamp: run.now, activityId: chosen.id, attempt: chosen.attempt }
    if (chosen.cancelRequested && chance() < 0.5) return run.feed({ type: 'ActivityTaskCanceled', ...base })
    if (chance() < 0.75) return run.feed({ type: 'ActivityTaskCompleted', ...base, result: run.now })
    return run.feed({ type: 'ActivityTaskFailed', ...base, error: { type: 'Down', message: 'down' } })
  }
  const next = nextWakeAt(run.state, run.attempts)
  await run.advance(next === null ? 1_000 : Math.max(0, next - run.now))
}

async function play(document: string): Promise<Run> {
  const random = seedFrom(document)
  const run = await Run.start(document)
  for (let n = 0; n < mostMoves && run.outcome === null; n++) {
    assertSomethingPending(run)
    await move(run, () => nextRandom(random))
  }
  return run
}

/** I6: nothing sleeps for ever by accident. */
function assertSomethingPending(run: Run): void {
  const { state } = run
  const waits = [state.activitiesPending, state.timers, state.signalWaits, state.conditionWaits]
  assert.ok(
    waits.some((book) => Object.keys(book).length > 0),
    `an open run waits for nothing: ${JSON.stringify(state)}`,
  )
  for (const fiber of Object.values(state.fibers)) {
    const frame = fiber.frames[fiber.frames.length - 1]
    assert.equal(frame?.kind, 'step', 'a fiber at rest stands at a step')
    assert.equal(fiber.resume, undefined)
  }
}

function assertInvariants(run: Run): void {
  const scheduled = new Set<number>()
  const ended = new Map<number, number>()
  const order: string[] = []
  const undone: string[] = []
  let closings = 0
  for (const event of run.events) {
    if ('activityId' in event)
      assert.ok(event.step && event.path, `${event.type} does not say where it belongs`)
    switch (event.type) {
      case 'ActivityTaskScheduled':
        scheduled.add(event.activityId)
        break
      case 'ActivityTaskCompleted':
      case 'ActivityTaskCanceled':
        ended.set(event.activityId, (ended.get(event.activityId) ?? 0) + 1)
        break
      case 'ActivityTaskFailed':
      case 'ActivityTaskTimedOut':
        if (event.willRetryAt === undefined)
          ended.set(event.activityId, (ended.get(event.activityId) ?? 0) + 1)
        break
      case 'CompensationScheduled':
        undone.push(event.path)
        break
      case 'WorkflowExecutionCompleted':
      case 'WorkflowExecutionFailed':
      case 'WorkflowExecutionTimedOut':
      case 'WorkflowExecutionCanceled':
        closings += 1
        break
      default:
    }
    if (event.type === 'ActivityTaskCompleted') order.push(pathOf(run, event.activityId))
  }
  for (const [id, count] of ended) {
    assert.ok(scheduled.has(id), 'an outcome of what was never scheduled')
    assert.equal(count, 1, 'I4: one terminal event per activity')
  }
  if (run.outcome !== null) {
    assert.equal(closings, 1, 'I7: one closing event')
    assert.match(run.types.at(-1) ?? '', /^WorkflowExecution(Completed|Failed|TimedOut|Canceled)$/)
  }
  // I9: what is undone was done, the last first. A path may repeat (rounds of a retried body), so the last place counts.
  const places = undone.map((step) => order.lastIndexOf(step))
  assert.ok(
    places.every((place) => place >= 0),
    'I9: only what was done is undone',
  )
  assert.deepEqual(
    places,
    [...places].sort((a, b) => b - a),
    'I9: reverse order of completion',
  )
}

function pathOf(run: Run, activityId: number): string {
  const event = run.events.find(
    (one) => one.type === 'ActivityTaskScheduled' && one.activityId === activityId,
  )
  return event?.type === 'ActivityTaskScheduled' ? event.path : ''
}

/** I3 from every snapshot: a state taken after any turn and folded on ends in the same bytes. */
async function assertSnapshotsFold(run: Run): Promise<void> {
  const snapshots: (string | null)[] = [null]
  let state: State | null = null
  for (const turn of run.turns) {
    state = await foldTurn(run.program, state, turn)
    snapshots.push(JSON.stringify(state))
  }
  const live = JSON.stringify(run.state)
  const last = snapshots.length - 1
  for (const from of new Set(
    [0, Math.floor(last / 3), Math.floor(last / 2), last - 1].filter((n) => n >= 0),
  )) {
    const text = snapshots[from]
    let folded: State | null = text === null || text === undefined ? null : JSON.parse(text)
    for (const turn of run.turns.slice(from)) folded = await foldTurn(run.program, folded, turn)
    assert.equal(JSON.stringify(folded), live)
  }
}

describe('random workflows', () => {
  it(`hold the invariants under random orders of events (${runs} drawn)`, async function () {
    this.timeout(runs * 400)
    let closed = 0
    await fc.assert(
      fc.asyncProperty(randomDocument, async (document) => {
        const run = await play(document)
        assertInvariants(run)
        await assertSnapshotsFold(run)
        if (run.outcome !== null) closed += 1
      }),
      { numRuns: runs, ...(seed && { seed: Number(seed) }), ...(path && { path }) },
    )
    assert.ok(closed > runs * 0.8, `only ${closed} of ${runs} came to their end`)
  })
})
