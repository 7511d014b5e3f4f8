/** The queue and the deadlines against the plainest thing that does the same. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Deadline, Deadlines } from '../../activities/deadlines.ts'
import { FairQueue } from '../../activities/fair-queue.ts'
import { SetClock } from '../set-clock.ts'

type QueueAction =
  | { readonly kind: 'put'; readonly key: string }
  | { readonly kind: 'take' }
  | { readonly kind: 'remove'; readonly nth: number }

const queueActions = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('put' as const), key: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ kind: fc.constant('take' as const) }),
    fc.record({ kind: fc.constant('remove' as const), nth: fc.nat(20) }),
  ),
  { maxLength: 300 },
)

/** Lines in the order of service. */
class PlainQueue {
  lines: { key: string; items: number[] }[] = []

  put(key: string, item: number): void {
    const line = this.lines.find((one) => one.key === key)
    if (line === undefined) this.lines.push({ key, items: [item] })
    else line.items.push(item)
  }

  take(): number | undefined {
    const line = this.lines.shift()
    const item = line?.items.shift()
    if (line !== undefined && line.items.length > 0) this.lines.push(line)
    return item
  }

  all(): { key: string; item: number }[] {
    return this.lines.flatMap(({ key, items }) => items.map((item) => ({ key, item })))
  }

  remove(item: number): void {
    for (const line of this.lines) line.items = line.items.filter((other) => other !== item)
    this.lines = this.lines.filter(({ items }) => items.length > 0)
  }
}

describe('the fair queue', () => {
  it('serves as the plain one does', () => {
    fc.assert(
      fc.property(queueActions, (actions: readonly QueueAction[]) => {
        const queue = new FairQueue<number>()
        const plain = new PlainQueue()
        actions.forEach((action, at) => {
          switch (action.kind) {
            case 'put':
              queue.put(action.key, at)
              plain.put(action.key, at)
              break
            case 'take':
              assert.equal(queue.take(), plain.take())
              break
            case 'remove': {
              const there = plain.all()
              const one = there[action.nth % Math.max(1, there.length)]
              if (one === undefined) assert.equal(queue.remove('a', -1), false)
              else {
                assert.equal(queue.remove(one.key, one.item), true)
                assert.equal(queue.remove(one.key, one.item), false)
                plain.remove(one.item)
              }
            }
          }
          assert.equal(queue.size, plain.all().length)
        })
      }),
    )
  })

  it('drops what was taken from a long line', () => {
    const queue = new FairQueue<number>()
    for (let at = 0; at < 10_000; at++) queue.put('a', at)
    for (let at = 0; at < 10_000; at++) assert.equal(queue.take(), at)
    assert.equal(queue.take(), undefined)
  })
})

const deadlineActions = fc.array(
  fc.record({
    owner: fc.nat(9),
    kind: fc.constantFrom('set', 'set', 'remove', 'advance'),
    timeoutMs: fc.constantFrom(10, 50, 50, 200),
    ago: fc.constantFrom(0, 0, 0, 30, 300),
    ms: fc.nat(60),
  }),
  { maxLength: 200 },
)

describe('the deadlines', () => {
  it('expire each at its time and once, whatever is set, renewed and removed, on one timer', () => {
    fc.assert(
      fc.property(deadlineActions, (actions) => {
        const clock = new SetClock()
        const expired: string[] = []
        const expected: string[] = []
        const deadlines = new Deadlines<number>(clock, ({ owner, at }) => {
          assert.ok(clock.now() >= at)
          expired.push(`${owner} at ${Math.max(at, 0)}`)
        })
        const owned = Array.from({ length: 10 }, (_, owner) => new Deadline<number>(owner, 'StartToClose'))
        const standing = new Map<number, number>()
        const advance = (ms: number) => {
          clock.advance(ms)
          for (const [owner, at] of [...standing])
            if (at <= clock.now()) {
              expected.push(`${owner} at ${at}`)
              standing.delete(owner)
            }
        }
        for (const { owner, kind, timeoutMs, ago, ms } of actions) {
          const deadline = owned[owner]
          if (deadline === undefined) continue
          if (kind === 'advance') advance(ms)
          else if (kind === 'remove') {
            deadlines.remove(deadline)
            standing.delete(owner)
          } else {
            deadlines.set(deadline, timeoutMs, clock.now() - ago)
            standing.set(owner, clock.now() - ago + timeoutMs)
          }
          assert.ok(clock.pending <= 1)
        }
        advance(10_000)
        assert.deepEqual(expired.sort(), expected.sort())
        assert.equal(clock.pending, 0)
      }),
    )
  })
})
