import assert from 'node:assert/strict'
import { loadDocument } from '../../engine/index.ts'
import { coverageOf } from '../../testing/coverage.ts'
import { type Kit, openKit } from './kit.ts'

const document = `
vars: { n: 0 }
signals: { hello: { do: [{ id: greeted, set: { n: 1 } }] } }
steps:
  - id: choose
    switch:
      - { when: input.kind = 'a', do: [{ id: a, set: { n: 1 } }] }
      - else: [{ id: b, set: { n: 2 } }]
  - id: guarded
    if: input.kind = 'a'
    set: { n: 3 }
  - id: grouped
    if: input.kind = 'a'
    do: [{ id: yes, set: { n: 4 } }]
    else: [{ id: no, set: { n: 5 } }]
  - id: tried
    try: [{ id: work, activity: a.b, retry: false, compensate: { id: undo, activity: a.c } }]
    catch: [{ do: [{ id: handled, set: { n: 6 } }] }]
    finally: [{ id: last, set: { n: 7 } }]
`

describe('coverage', () => {
  let kit: Kit
  before(async () => {
    kit = await openKit()
  })
  after(() => kit.close())

  async function unreachedBy(scenarios: string): Promise<readonly string[]> {
    const { coverage, results } = await kit.run(document, scenarios)
    assert.deepEqual(
      results.flatMap((result) => result.failures),
      [],
    )
    const [one, second] = coverage
    assert.ok(one)
    assert.equal(second, undefined)
    assert.equal(one.steps, 13)
    assert.equal(one.branches, 10)
    const unreached = one.unreached.map(({ what }) => what)
    const steps = one.unreached.filter(({ kind }) => kind === 'step').length
    assert.equal(one.stepsReached, one.steps - steps)
    assert.equal(one.branchesReached, one.branches - (unreached.length - steps))
    return unreached
  }

  const a =
    '  - name: a\n    input: { kind: a }\n    activities: { work: { returns: 1 } }\n    expect: { status: completed }\n'
  const b =
    '  - name: b\n    input: { kind: b }\n    activities: { work: { throws: { type: Down } } }\n    at: [{ after: 0s, crash: true }]\n    expect: { status: completed }\n'

  it('names the steps and branches that no scenario reached', async () => {
    assert.deepEqual(await unreachedBy(a), [
      'steps of signal "hello"',
      'step "greeted"',
      '"else" of "choose"',
      'step "b"',
      'step "guarded" skipped by its "if"',
      '"else" of "grouped"',
      'step "no"',
      'compensation of "work"',
      'step "undo"',
      'catch 1 of "tried"',
      'step "handled"',
    ])
    assert.deepEqual(await unreachedBy(b), [
      'steps of signal "hello"',
      'step "greeted"',
      'case 1 of "choose"',
      'step "a"',
      'step "guarded"',
      'body of "grouped"',
      'step "yes"',
      'compensation of "work"',
      'step "undo"',
    ])
  })

  it('is that of all scenarios together', async () => {
    const c =
      '  - name: c\n    input: { kind: a }\n    activities: { work: { returns: 1, takes: 1m }, a.c: { returns: 1 } }\n    at: [{ after: 10s, signal: hello }, { after: 61s, crash: true }]\n    expect: { status: completed }\n'
    assert.deepEqual(await unreachedBy(a + b + c), ['compensation of "work"', 'step "undo"'])
  })

  it('reaches nothing where nothing ran', () => {
    const { plan } = loadDocument(`dsl: perdure/1\nname: demo\nversion: 1.0.0\n${document}`)
    assert.ok(plan)
    const none = new Set('')
    const nothing = { steps: none, blocks: none, states: none, held: none, skipped: none }
    const coverage = coverageOf({ file: 'demo.yaml', source: '', format: 'yaml', plan }, nothing)
    assert.equal(coverage.stepsReached, 0)
    assert.equal(coverage.branchesReached, 0)
    assert.equal(coverage.unreached.length, coverage.steps + coverage.branches)
  })
})
