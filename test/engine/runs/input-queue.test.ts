import assert from 'node:assert/strict'
import {
  type GatherOptions,
  gather,
  InputQueue,
  type QueuedInput,
  usedOfQueue,
} from '../../../engine/runs/input-queue.ts'
import type { InputEvent } from '../../../interpreter/events.ts'

function signal(n: number, timestamp = n): QueuedInput {
  return {
    event: { type: 'WorkflowSignalReceived', timestamp, signal: 's', input: n },
    bytes: 10,
    seq: n,
  }
}

function outcome(activityId: number, timestamp: number): readonly QueuedInput[] {
  const started: InputEvent = { type: 'ActivityTaskStarted', timestamp, activityId, attempt: 1, startedAt: 0 }
  const done: InputEvent = { type: 'ActivityTaskCompleted', timestamp, activityId, attempt: 1, result: null }
  return [started, done].map((event) => ({ event, bytes: 10, seq: null }))
}

const fired = (timerId: number, timestamp: number): InputEvent => ({ type: 'TimerFired', timestamp, timerId })

const options: GatherOptions = {
  now: 100,
  floor: 0,
  continues: false,
  due: [],
  dueAt: 100,
  maximumInputs: 100,
  maximumBytes: 1_000_000,
}

function queueOf(...items: readonly QueuedInput[]): InputQueue {
  const queue = new InputQueue()
  for (const item of items) queue.push(item)
  return queue
}

const types = (gathered: ReturnType<typeof gather>) => gathered?.events.map(({ type }) => type)

describe('engine/input-queue', () => {
  it('gives null where there is nothing', () => {
    assert.equal(gather(new InputQueue(), options), null)
  })

  it('puts what arrived before a timer was due before it, and what came at the same instant behind', () => {
    const queue = queueOf(signal(1, 10), signal(2, 50), signal(3, 60))
    const gathered = gather(queue, { ...options, due: [fired(7, 100)], dueAt: 50 })
    assert.deepEqual(types(gathered), [
      'WorkflowSignalReceived',
      'TimerFired',
      'WorkflowSignalReceived',
      'WorkflowSignalReceived',
    ])
    // When they came decides the order, when they are taken is their time.
    assert.deepEqual(
      gathered?.events.map(({ timestamp }) => timestamp),
      [100, 100, 100, 100],
    )
    assert.ok(gathered)
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((looked) => usedOfQueue(gathered, looked)),
      [0, 1, 1, 2, 3],
    )
  })

  it('lets a message happen when it is taken, an outcome when it came, unless it had to wait', () => {
    const times = (now: number, ...items: readonly QueuedInput[]) =>
      gather(queueOf(...items), { ...options, now })?.events.map(({ timestamp }) => timestamp)
    assert.deepEqual(times(100, signal(1, 10)), [100])
    assert.deepEqual(times(100, ...outcome(5, 20)), [20, 20])
    assert.deepEqual(times(100, ...outcome(5, 20), signal(2, 30)), [20, 20, 100])
    // The store was away meanwhile.
    assert.deepEqual(times(60_000, ...outcome(5, 20)), [60_000, 60_000])
    // Time never runs backwards.
    assert.deepEqual(times(100, signal(1, 30), ...outcome(5, 20)), [100, 100, 100])
  })

  it('puts an outcome of the very instant before the deadline, which it has met, and a message behind', () => {
    const met = queueOf(...outcome(1, 50), signal(2, 50))
    assert.deepEqual(types(gather(met, { ...options, now: 50, due: [fired(7, 50)], dueAt: 50 })), [
      'ActivityTaskStarted',
      'ActivityTaskCompleted',
      'TimerFired',
      'WorkflowSignalReceived',
    ])
    const missed = queueOf(...outcome(1, 51))
    assert.equal(
      types(gather(missed, { ...options, now: 51, due: [fired(7, 51)], dueAt: 50 }))?.[0],
      'TimerFired',
    )
  })

  it('begins with the continuation of a turn that was cut', () => {
    const gathered = gather(queueOf(signal(1)), { ...options, continues: true })
    assert.deepEqual(types(gathered), ['WorkflowTaskContinued', 'WorkflowSignalReceived'])
    assert.ok(gathered)
    assert.equal(usedOfQueue(gathered, 1), 0)
    assert.equal(usedOfQueue(gathered, 2), 1)
  })

  it('cuts a turn by number and by bytes, but takes one in any case', () => {
    const queue = queueOf(...Array.from({ length: 10 }, (_, n) => signal(n + 1)))
    assert.equal(gather(queue, { ...options, maximumInputs: 4 })?.events.length, 4)
    assert.equal(gather(queue, { ...options, maximumBytes: 35 })?.events.length, 3)
    assert.equal(gather(queue, { ...options, maximumBytes: 1 })?.events.length, 1)
  })

  it('keeps the start of an attempt and its outcome in one turn', () => {
    const queue = queueOf(signal(1), ...outcome(5, 2))
    assert.deepEqual(types(gather(queue, { ...options, maximumInputs: 2 })), ['WorkflowSignalReceived'])
    assert.equal(gather(queue, { ...options, maximumInputs: 3 })?.events.length, 3)
  })

  it('keeps several terminations last, in the order in which they came', () => {
    const end = (seq: number): QueuedInput => ({
      event: { type: 'WorkflowExecutionTerminated', timestamp: seq, reason: null },
      bytes: 10,
      seq,
    })
    const queue = queueOf(end(1), end(2), end(3), signal(4))
    assert.deepEqual(
      queue.take(4).map(({ seq }) => seq),
      [4, 1, 2, 3],
    )
  })

  it('puts nothing between the inputs of a turn that is being made', () => {
    const termination: QueuedInput = {
      event: { type: 'WorkflowExecutionTerminated', timestamp: 2, reason: null },
      bytes: 10,
      seq: 2,
    }
    const queue = queueOf(signal(1), termination)
    const gathered = gather(queue, options)
    assert.ok(gathered !== null)
    queue.push(signal(3))
    assert.deepEqual(
      queue.take(usedOfQueue(gathered, 2)).map(({ seq }) => seq),
      [1, 2],
    )
    queue.push({ ...termination, seq: 4 })
    queue.push(signal(5))
    assert.deepEqual(
      queue.take(3).map(({ seq }) => seq),
      [3, 5, 4],
    )
  })

  it('keeps a termination last', () => {
    const termination: QueuedInput = {
      event: { type: 'WorkflowExecutionTerminated', timestamp: 1, reason: null },
      bytes: 10,
      seq: 1,
    }
    const queue = queueOf(termination, signal(2))
    assert.deepEqual(types(gather(queue, options)), ['WorkflowSignalReceived', 'WorkflowExecutionTerminated'])
  })

  it('restores the inbox, then what only this process knows, then what came meanwhile', () => {
    const queue = queueOf(signal(1), ...outcome(5, 2), signal(4))
    const returned = [signal(1), ...outcome(3, 1)]
    queue.restore([signal(1), signal(2)], 2, returned)
    const events = gather(queue, options)?.events ?? []
    assert.deepEqual(
      events.map((event) => ('activityId' in event ? `${event.type} ${event.activityId}` : event.type)),
      [
        'WorkflowSignalReceived',
        'WorkflowSignalReceived',
        'ActivityTaskStarted 3',
        'ActivityTaskCompleted 3',
        'ActivityTaskStarted 5',
        'ActivityTaskCompleted 5',
        'WorkflowSignalReceived',
      ],
    )
  })
})
