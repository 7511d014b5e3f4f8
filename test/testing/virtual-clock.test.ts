import assert from 'node:assert/strict'
import { EngineClock, VirtualClock, virtualStart } from '../../testing/virtual-clock.ts'

async function runAll(clock: VirtualClock): Promise<void> {
  while (await clock.fireNext());
}

describe('the virtual clock', () => {
  it('stands still until it is moved, and skips to the next timer', async () => {
    const clock = new VirtualClock()
    let called = 0
    clock.schedule(virtualStart + 30 * 86_400_000, 'engine', () => {
      called += 1
    })
    assert.equal(clock.now(), virtualStart)
    assert.equal(called, 0)
    assert.equal(await clock.fireNext(), true)
    assert.equal(clock.now(), virtualStart + 30 * 86_400_000)
    assert.equal(called, 1)
    assert.equal(await clock.fireNext(), false)
  })

  it('at one instant results go first, then the timers of the engine, then deadlines of attempts, each in order', async () => {
    const clock = new VirtualClock(0)
    const order: string[] = []
    clock.schedule(5, 'attemptDeadline', () => void order.push('deadline'))
    clock.schedule(5, 'engine', () => void order.push('engine 1'))
    clock.schedule(5, 'engine', () => void order.push('engine 2'))
    clock.schedule(5, 'result', () => void order.push('result 1'))
    clock.schedule(5, 'result', () => void order.push('result 2'))
    clock.schedule(4, 'attemptDeadline', () => void order.push('earlier'))
    await runAll(clock)
    assert.deepEqual(order, ['earlier', 'result 1', 'result 2', 'engine 1', 'engine 2', 'deadline'])
  })

  it('never calls back inside `schedule`, and takes a time in the past for now', async () => {
    const clock = new VirtualClock(100)
    let called = false
    clock.schedule(1, 'engine', () => {
      called = true
    })
    assert.equal(called, false)
    assert.equal(clock.nextAt(), 100)
    await runAll(clock)
    assert.equal(clock.now(), 100)
    assert.equal(called, true)
  })

  it('does not call what was canceled', async () => {
    const clock = new VirtualClock(0)
    clock.schedule(1, 'engine', () => assert.fail('was canceled')).cancel()
    assert.equal(clock.nextAt(), null)
    assert.equal(await clock.fireNext(), false)
  })

  it('refuses to pass a timer by', () => {
    const clock = new VirtualClock(0)
    clock.schedule(5, 'engine', () => {})
    assert.throws(() => clock.advanceTo(6), /fire it first/)
    clock.advanceTo(5)
    assert.equal(clock.now(), 5)
  })

  it('keeps thousands of timers in order', async () => {
    const clock = new VirtualClock(0)
    const fired: number[] = []
    for (let index = 0; index < 5_000; index++) {
      const at = (index * 7_919) % 5_000
      clock.schedule(at, 'engine', () => void fired.push(at))
    }
    await runAll(clock)
    assert.deepEqual(
      fired,
      Array.from({ length: 5_000 }, (_, index) => index),
    )
  })

  it('calls nothing of an engine that was thrown away', async () => {
    const clock = new VirtualClock(0)
    const life = new EngineClock(clock)
    life.schedule(1, () => assert.fail('that engine is gone'))
    life.retire()
    assert.equal(await clock.fireNext(), true)
  })
})
