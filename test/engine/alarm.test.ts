/** The timer that is only ever moved nearer. */
import assert from 'node:assert/strict'
import { Alarm } from '../../engine/alarm.ts'
import { SetClock } from '../set-clock.ts'

describe('an alarm', () => {
  it('rings once, at the nearest of the times that were asked for, and can be set again', () => {
    const clock = new SetClock()
    const rung: number[] = []
    const start = clock.now()
    const alarm = new Alarm(clock, () => rung.push(clock.now() - start))
    alarm.by(start + 50)
    alarm.by(start + 20)
    alarm.by(start + 80)
    clock.advance(100)
    assert.deepEqual(rung, [20])
    alarm.by(start + 130)
    clock.advance(100)
    assert.deepEqual(rung, [20, 130])
  })

  it('rings no more when it is stopped, and again when it is set anew', () => {
    const clock = new SetClock()
    let rung = 0
    const alarm = new Alarm(clock, () => {
      rung += 1
    })
    alarm.by(clock.now() + 10)
    alarm.stop()
    clock.advance(100)
    assert.equal(rung, 0)
    alarm.by(clock.now() + 10)
    clock.advance(100)
    assert.equal(rung, 1)
  })
})
