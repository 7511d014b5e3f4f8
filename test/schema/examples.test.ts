import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadDocument } from '../../schema/load.ts'
import { cpuMs } from './cpu-time.ts'

/** Real documents kept beside the checkout; where they are missing the suite says so instead of passing over nothing. */
const examples = join(import.meta.dirname, '../../../shared/examples')

describe('the shared examples', () => {
  before(function () {
    if (!existsSync(examples)) this.skip()
  })

  it('have no problem, and a plan', () => {
    let read = 0
    for (const entry of readdirSync(examples, { recursive: true }).map(String)) {
      if (!entry.endsWith('.yaml') || entry.endsWith('.test.yaml')) continue
      read++
      const { problems, plan } = loadDocument(readFileSync(join(examples, entry), 'utf8'), { file: entry })
      assert.deepEqual(
        problems.filter(({ severity }) => severity !== 'hint'),
        [],
      )
      assert.ok(plan)
    }
    assert.ok(read >= 10)
  })

  it('a document of a hundred lines loads well below 50 ms, once warm', () => {
    const text = readFileSync(join(examples, 'order-processing/2.1.0.yaml'), 'utf8')
    for (let round = 0; round < 10; round++) loadDocument(text)
    const times = Array.from({ length: 20 }, () => {
      const started = cpuMs()
      loadDocument(text)
      return cpuMs() - started
    }).sort((left, right) => left - right)
    assert.ok((times[10] ?? 0) < 50, `took ${times[10]} ms`)
  })
})
