import assert from 'node:assert/strict'
import { CliFailure } from '../../cli/failure.ts'
import { readInputOptions } from '../../cli/input.ts'
import { paletteFor } from '../../cli/terminal/palette.ts'
import type { Terminal } from '../../cli/terminal/terminal.ts'
import { TemporaryDirectory } from './command.ts'

describe('input from the command line', () => {
  const directory = new TemporaryDirectory()
  after(() => directory.remove())

  const read = (options: { input?: string; set?: string[] }, stdin = '') => {
    const colours = paletteFor({}, {})
    const terminal: Terminal = {
      answer: () => undefined,
      answerJson: () => undefined,
      message: () => undefined,
      transient: () => undefined,
      answerColours: colours,
      messageColours: colours,
      environment: {},
      directory: directory.path,
      readInput: async () => stdin,
    }
    return readInputOptions(options, terminal)
  }

  it('comes as JSON, from a file of JSON or YAML, from standard input, or not at all', async () => {
    directory.write({ 'in.json': '\uFEFF{"a":1}', 'in.yaml': 'a: 1\nb: [x]\n' })
    assert.deepEqual(await read({ input: '{"a":[1,null]}' }), { a: [1, null] })
    assert.deepEqual(await read({ input: '@in.json' }), { a: 1 })
    assert.deepEqual(await read({ input: '@in.yaml' }), { a: 1, b: ['x'] })
    assert.deepEqual(await read({ input: '-' }, '"text"\n'), 'text')
    assert.equal(await read({}), undefined)
  })

  it('--set merges JSON or text into it, with dotted names', async () => {
    const set = [
      'n=7',
      'name=Ada',
      'empty=',
      'order.id=o-1',
      'order.lines=[1]',
      'eq=a=b',
      'q="7"',
      'name=Bob',
    ]
    assert.deepEqual(await read({ input: '{"order":{"kept":true},"n":1}', set }), {
      order: { kept: true, id: 'o-1', lines: [1] },
      n: 7,
      name: 'Bob',
      empty: '',
      eq: 'a=b',
      q: '7',
    })
    assert.deepEqual(await read({ set: ['constructor.x=1'] }), { constructor: { x: 1 } })
  })

  it('is refused with what, where and what to do', async () => {
    directory.write({ 'bad.yaml': 'a: [' })
    const cases: [{ input?: string; set?: string[] }, string, RegExp][] = [
      [{ input: '{name: Ada}' }, '', /--input is not valid JSON/],
      [{ input: '' }, '', /--input is empty/],
      [{ input: '-' }, '', /standard input is empty/],
      [{ input: '-' }, '{', /standard input is not valid JSON/],
      [{ input: '@gone.json' }, '', /the input file gone\.json cannot be read/],
      [{ input: '@bad.yaml' }, '', /bad\.yaml is not valid YAML/],
      [{ set: ['novalue'] }, '', /--set novalue is not of the form name=value/],
      [{ set: ['=1'] }, '', /not of the form/],
      [{ set: ['a..b=1'] }, '', /not of the form/],
      [{ set: ['__proto__.x=1'] }, '', /__proto__/],
      [{ input: '[1]', set: ['a=1'] }, '', /a value that is not a map/],
    ]
    for (const [options, stdin, message] of cases) {
      await assert.rejects(read(options, stdin), (error: unknown) => {
        assert.ok(error instanceof CliFailure)
        assert.match(error.message, message)
        assert.equal(error.exitCode, 2)
        return true
      })
    }
    assert.equal(Object.hasOwn(Object.prototype, 'x'), false)
  })
})
