/** Parts of the engine that fit in one hand: ids, the count of what is busy, fault points, the door for values. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { Busy } from '../../engine/busy.ts'
import { checkValue } from '../../engine/doors/value-door.ts'
import { faultPointNames } from '../../engine/fault-points.ts'
import { newRunId } from '../../engine/run-id.ts'
import { parkingReason } from '../../engine/runs/admission.ts'
import { snapshotDue } from '../../engine/runs/turn.ts'
import { within } from '../../engine/within.ts'

describe('engine/run-id', () => {
  it('gives UUIDv7 that ascend within a millisecond and when the clock goes back', () => {
    const now = Date.UTC(2026, 0, 1)
    const ids = Array.from({ length: 10_000 }, (_, n) => newRunId(now - (n % 3)))
    assert.deepEqual([...ids].sort(), ids)
    assert.equal(new Set(ids).size, ids.length)
    for (const id of ids.slice(0, 100)) {
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
  })
})

describe('engine/busy', () => {
  it('is quiet when nothing is under way, and nothing follows', async () => {
    const busy = new Busy()
    const order: string[] = []
    const work = busy.during(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      // What ends here starts something else a moment later, as a hint does.
      setImmediate(() => {
        void busy.during(async () => {
          await new Promise((resolve) => setTimeout(resolve, 5))
          order.push('followed')
        })
      })
    })
    await busy.quiet()
    order.push('quiet')
    await work
    assert.deepEqual(order, ['followed', 'quiet'])
  })
})

describe('engine/fault-points', () => {
  const load = (setting: string) =>
    spawnSync(
      process.execPath,
      [
        '--import',
        'tsx',
        '--input-type=module',
        '-e',
        `import { faultPoint } from '${new URL('../../engine/fault-points.ts', import.meta.url).pathname}'
        for (let n = 1; n <= 3; n += 1) { console.log(n); faultPoint('beforeCommit') }`,
      ],
      { env: { ...process.env, PERDURE_FAULT_POINT: setting }, encoding: 'utf8' },
    )

  it('kills the process the n-th time', () => {
    const { signal, stdout } = load('beforeCommit:2')
    assert.equal(signal, 'SIGKILL')
    assert.equal(stdout, '1\n2\n')
  })

  it('does nothing elsewhere, and refuses a name it does not know', () => {
    assert.equal(load('duringActivity').status, 0)
    const wrong = load('nowhere')
    assert.equal(wrong.status, 1)
    assert.match(wrong.stderr, new RegExp(faultPointNames.join(', ')))
  })
})

describe('engine/value-door', () => {
  it('takes what every store holds, and says what it refuses', () => {
    assert.deepEqual(checkValue({ a: [1, 'x'] }, 100), { problem: null, value: { a: [1, 'x'] }, bytes: 13 })
    for (const [value, kind] of [
      ['a\u0000', 'content'],
      ['\udc00', 'content'],
      [2 ** 60, 'content'],
      [{ f: () => 1 }, 'content'],
      ['x'.repeat(200), 'size'],
    ] as const) {
      assert.equal(checkValue(value, 100).problem?.kind, kind)
    }
  })
})

describe('engine/turn', () => {
  it('takes a snapshot when the history since the last exceeds a minimum and its size', () => {
    assert.equal(snapshotDue(100, 0, 100), false)
    assert.equal(snapshotDue(101, 0, 100), true)
    assert.equal(snapshotDue(500, 500, 100), false)
    assert.equal(snapshotDue(501, 500, 100), true)
  })
})

describe('engine/within', () => {
  it('waits for the work or the time, whichever is first, and passes an error on', async () => {
    assert.equal(await within(1_000, Promise.resolve()), true)
    assert.equal(await within(1, new Promise(() => {})), false)
    await assert.rejects(within(1_000, Promise.reject(new Error('no'))), /no/)
  })
})

describe('engine/admission', () => {
  it('says why a run is parked, one whose state is too large too', () => {
    const tooLong = () => 'x'.repeat(2 ** 28).repeat(4)
    let thrown: unknown
    try {
      JSON.stringify(tooLong())
    } catch (error) {
      thrown = error
    }
    assert.ok(thrown instanceof RangeError)
    assert.match(parkingReason(thrown) ?? '', /^its state is too large to be stored/)
    assert.equal(parkingReason(new Error('a bug')), 'it cannot go on: a bug')
  })
})
