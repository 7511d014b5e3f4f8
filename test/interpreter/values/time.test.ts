import assert from 'node:assert/strict'
import fc from 'fast-check'
import { addDuration, formatInstant, parseInstant } from '../../../interpreter/values/time.ts'

const instant = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })

describe('instants', () => {
  it('are written as Date writes them, and read back', () => {
    fc.assert(
      fc.property(instant, (ms) => {
        assert.equal(formatInstant(ms), new Date(ms).toISOString())
        assert.equal(parseInstant(formatInstant(ms)), ms)
      }),
      { numRuns: 2000 },
    )
    assert.equal(formatInstant(8_640_000_000_000_000), '+275760-09-13T00:00:00.000Z')
  })

  it('are read with offsets, without a zone as UTC, and as dates alone', () => {
    assert.equal(parseInstant('2026-03-01T12:00:00+02:00'), Date.UTC(2026, 2, 1, 10))
    assert.equal(parseInstant('2026-03-01T12:00:00.5-0130'), Date.UTC(2026, 2, 1, 13, 30, 0, 500))
    assert.equal(parseInstant('2026-03-01T12:00'), Date.UTC(2026, 2, 1, 12))
    assert.equal(parseInstant('2024-02-29'), Date.UTC(2024, 1, 29))
    assert.equal(parseInstant('2026-03-01t12:00:00.123456z'), Date.UTC(2026, 2, 1, 12, 0, 0, 123))
  })

  it('are null where there is no such day or time', () => {
    for (const text of [
      '2025-02-29',
      '2026-13-01',
      '2026-00-10',
      '2026-01-32',
      '2026-01-01T25:00:00Z',
      '2026-01-01T12:60Z',
      'now',
      '',
      '1',
      '2026-1-1',
      '2026-01-01T12:00:00+24:00',
    ]) {
      assert.equal(parseInstant(text), null, text)
    }
  })
})

describe('durations by the calendar', () => {
  const add = (text: string, duration: string, sign?: 1 | -1): string | null => {
    const end = addDuration(Date.parse(text), duration, sign)
    return end === null ? null : formatInstant(end)
  }

  it('clamp to the end of the month', () => {
    assert.equal(add('2023-01-31T10:00:00Z', 'P1M'), '2023-02-28T10:00:00.000Z')
    assert.equal(add('2024-02-29T00:00:00Z', 'P1Y'), '2025-02-28T00:00:00.000Z')
    assert.equal(add('2024-03-31T00:00:00Z', '-P1M'), '2024-02-29T00:00:00.000Z')
    assert.equal(add('2024-03-31T00:00:00Z', 'P1M', -1), '2024-02-29T00:00:00.000Z')
    assert.equal(add('2023-12-15T00:00:00Z', 'P1Y2M3DT4H5M6.5S'), '2025-02-18T04:05:06.500Z')
    assert.equal(add('1970-01-01T00:00:00Z', 'P2W'), '1970-01-15T00:00:00.000Z')
  })

  it('refuse what is no duration', () => {
    for (const text of ['P', 'PT', 'P1', '1M', 'P1MT', 'P1H', 'P1.5M', '', 'P-1D', 'P300000Y']) {
      assert.equal(add('2024-01-01T00:00:00Z', text), null, text)
    }
  })

  it('go forth and back where no month is clamped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 0, max: 1e6 }), (ms, minutes) => {
        const forth = addDuration(ms, `PT${minutes}M`)
        assert.equal(forth, ms + minutes * 60_000)
        assert.equal(addDuration(forth ?? 0, `PT${minutes}M`, -1), ms)
      }),
    )
  })
})
