import assert from 'node:assert/strict'
import fc from 'fast-check'
import { formatDuration, parseDuration } from '../../schema/duration.ts'

describe('durations', () => {
  const good: readonly (readonly [string, number])[] = [
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['1.5s', 1_500],
    ['0s', 0],
    ['PT5M', 300_000],
    ['P1D', 86_400_000],
    ['P1DT12H', 129_600_000],
    ['PT0.5S', 500],
    ['P2W', 1_209_600_000],
    ['1.0004s', 1_000],
    ['1.0006s', 1_001],
  ]
  for (const [text, ms] of good) it(`${text} is ${ms} ms`, () => assert.equal(parseDuration(text), ms))

  for (const text of [
    '',
    '5',
    '-5s',
    '5 s',
    's',
    '5x',
    'P',
    'PT',
    'P1DT',
    'P1M',
    'P1Y',
    '1h-5m',
    '1e3s',
    ' 5s',
    `${'9'.repeat(99)}s`,
    '9'.repeat(30).concat('d'),
  ]) {
    it(`${JSON.stringify(text)} is none`, () => assert.equal(parseDuration(text), null))
  }

  it('formats to the shortest text that reads back as the same', () => {
    assert.equal(formatDuration(0), '0s')
    assert.equal(formatDuration(5_400_000), '1h30m')
    assert.equal(formatDuration(86_400_500), '1d500ms')
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 12 }), (ms) => assert.equal(parseDuration(formatDuration(ms)), ms)),
    )
  })
})
