import assert from 'node:assert/strict'
import { loadDocument } from '../../../schema/load.ts'
import { countProblems, renderProblems } from '../../../schema/problems/render.ts'

const text =
  'dsl: perdure/1\nname: a\nversion: 1.0.0\nsteps:\n  - wait: 5s\n  - return: "${ steps.nobody.x }"\n'

describe('problems as text', () => {
  const { problems } = loadDocument(text, { file: 'a.yaml' })

  it('has file, line, column, code, message, excerpt, carets and what to do', () => {
    assert.equal(
      renderProblems(problems),
      [
        'a.yaml:5:5 warning missing-id this `wait` has no id: history names it "wait_1", after its position',
        '    - wait: 5s',
        '      ^^^^',
        '  → give the step an id',
        '',
        'a.yaml:6:23 error unknown-step there is no step "nobody"',
        '    - return: "${ steps.nobody.x }"',
        '                        ^^^^^^',
        '  → a step is named by its `id`',
      ].join('\n'),
    )
  })

  it('is coloured only when asked, and has the same text then', () => {
    const coloured = renderProblems(problems, { colours: true })
    assert.ok(coloured.includes('\u001b[31m'))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is removed
    assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), renderProblems(problems))
  })

  it('cuts long lines around what is meant', () => {
    const long = text.replace('"${', `"${'x'.repeat(500)} \${`)
    const [, second] = loadDocument(long).problems
    const [line = '', carets = ''] = (second?.excerpt ?? '').split('\n')
    assert.ok(line.length <= 120)
    assert.equal(line.slice(carets.indexOf('^'), carets.length), 'nobody')
  })

  it('counts', () => {
    assert.equal(countProblems(problems), '1 error, 1 warning')
    assert.equal(countProblems([]), '')
    assert.equal(renderProblems([]), '')
  })
})
