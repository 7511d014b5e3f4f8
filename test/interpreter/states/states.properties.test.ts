/**
 * A state machine under random orders of signals, answers, time, pauses, updates and ends. The harness folds after every
 * input (I3). PERDURE_RUNS sets how many orders are drawn; a failure prints its seed.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describeState } from '../../../interpreter/describe/describe.ts'
import { replayable } from '../../properties/draws.ts'
import { doc, Run } from '../harness.ts'
import { eventsOf, sent } from '../others.ts'
import { offer, told } from './state-signals.ts'

const yaml = doc(`
vars: { n: 0 }
timeout: 2h
signals:
  reply: {}
  note: { do: [ { id: h, activity: y, retry: false } ] }
updates:
  u: { do: [ { set: { n: "\${ vars.n + 1 }" } }, { id: ud, activity: y, retry: false } ], return: "\${ workflow.state }" }
initial: a
states:
  a:
    do:
      - try: [ { id: w, activity: x, retry: false } ]
        finally: [ { id: clean, activity: z } ]
      - id: p
        join: any
        parallel:
          one: [ { id: p1, activity: x, cancellation: wait, retry: false } ]
          two: [ { id: p2, wait: { signal: reply, where: $random() < 0.7 } } ]
          three: [ { id: all, forEach: "[1, 2, 3]", tolerate: 1, do: [ { id: i, activity: x, retry: false } ] } ]
    next: { to: b, when: $random() < 0.5 }
    on:
      go: [ { to: b, when: $random() < 0.5 }, { to: c, when: signal.n > 1, set: { n: "\${ signal.n }" } } ]
      self: { to: a, do: [ { id: way, activity: y, retry: false }, { id: answer, wait: { signal: reply, atMost: 1m } } ] }
    after: { 10m: b, 20m: { to: c, when: vars.n > 2 } }
    catch: [ { errors: [Down], to: c }, { errors: [Canceled], to: d } ]
  b:
    do: [ { id: b1, activity: x, retry: false, compensate: { id: undo, activity: z } } ]
    next: [ { to: a, when: vars.n > 5 }, c ]
    on: { go: a, back: { to: a, set: { n: "\${ vars.n + 1 }" } } }
    catch: [ { when: "error.message = 'never'", to: a }, { errors: ['D*'], to: b } ]
  c:
    on: { go: a, end: d, spin: e }
    after: { 30m: { to: c, set: { n: "\${ vars.n + 1 }" } } }
  e: { next: [ { to: c, when: vars.n % 7 = 0 }, { to: e, set: { n: "\${ vars.n + 1 }" } } ] }
  d: { do: [ { id: last, activity: x, retry: false } ], return: "\${ vars.n }" }
`)

type Move = readonly [kind: number, which: number, flavour: number]

const signals = ['go', 'self', 'back', 'end', 'spin', 'reply', 'note'] as const

async function make(run: Run, [kind, which, flavour]: Move, n: number): Promise<void> {
  const at = { timestamp: run.now }
  if (kind < 45) {
    await offerChecked(run, signals[which % signals.length] ?? 'go', flavour % 4, `m-${n}`)
  } else if (kind < 80) {
    const all = Object.values(run.state.activitiesPending)
    const activity = all[which % Math.max(1, all.length)]
    if (activity === undefined) return run.advance(1 + which * 60_000)
    const base = { ...at, activityId: activity.id, attempt: activity.attempt }
    const error = { type: 'Down', message: 'down' }
    if (flavour % 4 === 0) await run.feed({ type: 'ActivityTaskFailed', ...base, error })
    else if (flavour % 7 === 0) await run.feed({ type: 'ActivityTaskCanceled', ...base })
    else await run.feed({ type: 'ActivityTaskCompleted', ...base, result: flavour })
  } else if (kind < 88) await run.advance(1 + which * 60_000)
  else if (kind < 91) {
    await run.feed({ type: 'WorkflowUpdateAccepted', ...at, update: 'u', updateId: `u-${n}`, input: null })
  } else if (kind < 94) await run.pause()
  else if (kind < 98) await run.resume()
  else if (kind < 99) await run.cancel()
  else if (flavour % 3 === 0) await run.feed({ type: 'WorkflowExecutionTerminated', ...at, reason: null })
}

/** A refused signal leaves the state as it was, byte for byte, and no event. */
async function offerChecked(run: Run, signal: string, n: number, messageId: string): Promise<void> {
  const before = JSON.stringify(run.state)
  const events = run.events.length
  const answer = await offer(run, signal, { n }, messageId)
  const wasRecorded = run.events.slice(events).some((event) => event.type === 'WorkflowSignalReceived')
  if (wasRecorded) return
  assert.equal(answer?.kind, 'refused')
  assert.equal(JSON.stringify(run.state), before)
  assert.equal(run.events.length, events)
}

async function play(moves: readonly Move[]): Promise<Run> {
  const run = await Run.start(yaml, {}, { limits: { turnSteps: 20 } })
  for (const [n, move] of moves.entries()) {
    if (!run.isOpen) break
    await make(run, move, n)
    assertState(run)
    if (run.isOpen)
      assert.ok(describeState(run.program, run.state).waits.length > 0, 'I6: it can say for what')
  }
  return run
}

/** The state that is shown is the one entered last, and each change begins where the one before it ended. */
function assertState(run: Run): void {
  let state = 'a'
  for (const { from, to } of eventsOf(run, 'StateTransitioned')) {
    assert.equal(from, state)
    state = to
  }
  assert.equal(run.state.workflow.state, state)
}

/** Who sent a signal is told once at most, and exactly once where the run has closed. */
function assertAnswers(run: Run): void {
  const asked = eventsOf(run, 'WorkflowSignalReceived').flatMap(({ replyTo }) =>
    replyTo?.kind === 'caller' ? [replyTo.messageId] : [],
  )
  const answers = sent(run, 'answer').flatMap(({ to }) =>
    to.kind === 'caller' && to.messageId.startsWith('m-') ? [to.messageId] : [],
  )
  assert.equal(new Set(answers).size, answers.length, 'nobody is answered twice')
  if (!run.isOpen) for (const id of asked) assert.notEqual(told(run, id), null, `${id} was never answered`)
}

/** The timers of a state are canceled or have fired when it is left. */
function assertTimers(run: Run): void {
  const pending = Object.values(run.state.timers).filter(({ purpose }) => purpose === 'after')
  for (const { path } of pending) assert.equal(path, `states.${run.state.workflow.state}`)
}

describe('a state machine under random orders', () => {
  const move = fc.tuple(fc.nat(99), fc.nat(9), fc.nat(20))
  const numRuns = Number(process.env['PERDURE_RUNS'] ?? 30)

  it('folds, waits for something, answers once and shows the state it is in', async () => {
    const triggers = new Set<string>()
    const outcomes = new Set<string>()
    const property = fc.asyncProperty(
      fc.array(move, { minLength: 5, maxLength: 60, size: 'max' }),
      async (moves) => {
        const run = await play(moves)
        assertAnswers(run)
        assertTimers(run)
        for (const { trigger } of eventsOf(run, 'StateTransitioned')) triggers.add(trigger)
        outcomes.add(run.outcome?.kind ?? 'open')
      },
    )
    await fc.assert(property, replayable(numRuns))
    // Of these draws alone, also where others were asked for: what must have been seen is not left to luck.
    await fc.assert(property, { numRuns: 60, seed: 1 })
    assert.deepEqual([...triggers].sort(), ['after', 'catch', 'next', 'signal'])
    assert.ok(outcomes.size > 2, `outcomes: ${[...outcomes].join(', ')}`)
  }).timeout(60_000)
})
