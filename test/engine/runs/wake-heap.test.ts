import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Clock } from '../../../engine/clock.ts'
import { type Sleeper, WakeHeap } from '../../../engine/runs/wake-heap.ts'

/** A clock with one hand: `advance` calls what is due. */
function handClock() {
  let now = 0
  const timers = new Set<{ at: number; callback: () => void }>()
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    schedule(at, callback) {
      const timer = { at, callback }
      timers.add(timer)
      return { cancel: () => timers.delete(timer) }
    },
  }
  const advance = (to: number) => {
    now = to
    for (const timer of [...timers]) {
      if (timer.at <= now && timers.delete(timer)) timer.callback()
    }
  }
  return { clock, advance, timers }
}

describe('engine/wake-heap', () => {
  it('wakes each when its time has come, behind one timer of the clock', () => {
    const { clock, advance, timers } = handClock()
    const heap = new WakeHeap(clock)
    const woken: string[] = []
    const sleeper = (name: string): Sleeper => ({ heapIndex: -1, heapAt: 0, due: () => woken.push(name) })
    const [a, b, c] = [sleeper('a'), sleeper('b'), sleeper('c')]
    heap.set(a, 30)
    heap.set(b, 10)
    heap.set(c, 20)
    assert.equal(timers.size, 1)
    advance(10)
    assert.deepEqual(woken, ['b'])
    heap.set(a, 15)
    heap.set(c, null)
    advance(25)
    assert.deepEqual(woken, ['b', 'a'])
    assert.equal(heap.size, 0)
    assert.equal(timers.size, 0)
  })

  it('agrees with a list that is sorted, whatever is set, moved and removed', () => {
    const commands = fc.array(
      fc.record({ who: fc.nat(9), at: fc.option(fc.integer({ min: 1, max: 100 })) }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(commands, (list) => {
        const { clock, advance } = handClock()
        const heap = new WakeHeap(clock)
        const woken: number[] = []
        const sleepers = Array.from({ length: 10 }, (_, n) => {
          const sleeper = { heapIndex: -1, heapAt: 0, due: () => void woken.push(sleeper.heapAt) }
          return { n, sleeper }
        })
        const model = new Map<number, number>()
        for (const { who, at } of list) {
          const found = sleepers[who]
          if (found === undefined) continue
          heap.set(found.sleeper, at)
          if (at === null) model.delete(who)
          else model.set(who, at)
        }
        assert.equal(heap.size, model.size)
        advance(1000)
        assert.deepEqual(
          woken,
          [...model.values()].sort((a, b) => a - b),
        )
      }),
    )
  })
})
