import assert from 'node:assert/strict'
import { describeState } from '../../../interpreter/describe/describe.ts'
import { evaluateQuery } from '../../../interpreter/query.ts'
import { doc, Run, t0 } from '../harness.ts'
import { childStarts, pause } from '../others.ts'

function waits(run: Run) {
  return describeState(run.program, run.state).waits
}

describe('what a run waits for', () => {
  it('a child, and whether it has started', async () => {
    const run = await Run.start(doc('steps: [ { id: c, workflow: w, workflowId: c-1 } ]'))
    assert.deepEqual(waits(run), [
      {
        kind: 'child',
        step: 'c',
        path: 'c',
        line: 4,
        text: 'child workflow `w` (c-1) to start',
        until: null,
      },
    ])
    await childStarts(run, 'c')
    assert.equal(waits(run)[0]?.text, 'child workflow `w` (c-1)')
  })

  it('the pause before a group is tried again', async () => {
    const run = await Run.start(
      doc(
        'steps: [ { id: g, retry: { initialInterval: 5s }, do: [ { id: f, fail: { type: T, message: t } } ] } ]',
      ),
    )
    const [wait] = waits(run)
    assert.deepEqual([wait?.kind, wait?.step, wait?.until], ['timer', 'g', t0 + 5_000])
    assert.match(wait?.text ?? '', /tried again at/)
  })

  it('an operator, first of all, and what came meanwhile', async () => {
    const run = await Run.start(doc('signals: { go: {} }\nsteps: [ { id: w, wait: { signal: go } } ]'))
    await pause(run, 'audit')
    await run.signal('go')
    const [paused, signal] = waits(run)
    assert.deepEqual([paused?.kind, paused?.step, paused?.line], ['paused', null, null])
    assert.match(paused?.text ?? '', /^paused since 2026-01-01T00:00:00.*: audit; to be resumed; 1 that came/)
    assert.equal(signal?.kind, 'signal')
  })

  it('an operator at a step that cannot be undone', async () => {
    const run = await Run.start(
      doc(`
saga: { onFailure: pause }
steps:
  - { id: a, activity: x, compensate: { id: undo, activity: u, retry: false } }
  - fail: { type: T, message: t }
`),
    )
    await run.answer('a', { returns: null })
    await run.answer('undo', { throws: { type: 'Stuck', message: 'stuck' } })
    await run.advance(0)
    const [paused] = waits(run)
    assert.deepEqual([paused?.kind, paused?.step, paused?.path, paused?.line], ['paused', 'a', 'a', 7])
    assert.match(paused?.text ?? '', /resumes it \(it is tried again\) or skips the step/)
  })

  it('something, whatever it stands at (I6)', async () => {
    for (const [step, kind] of [
      ['{ id: s, activity: x }', 'activity'],
      ['{ id: s, workflow: w }', 'child'],
      ['{ id: s, signal: { workflowId: w, name: n } }', 'externalSignal'],
      ['{ id: s, wait: 5s }', 'timer'],
      ['{ id: s, wait: { signal: go } }', 'signal'],
      ['{ id: s, wait: { condition: "false", atMost: 5s } }', 'condition'],
      ['{ id: s, parallel: { one: [ { id: t, activity: x } ] } }', 'activity'],
    ] as const) {
      const run = await Run.start(doc(`signals: { go: {} }\nsteps: [ ${step} ]`))
      assert.deepEqual(
        waits(run).map((wait) => wait.kind),
        [kind],
      )
    }
  })
})

describe('queries with a payload', () => {
  const yaml = doc(`
vars: { lines: [ { sku: a, qty: 1 }, { sku: b, qty: 2 } ] }
queries:
  line: { schema: { type: string }, return: "\${ vars.lines[sku = $query].qty }" }
  lucky: { schema: {}, return: "\${ $random() }" }
  plain: { schema: "\${ vars.lines[0].sku }" }
steps: [ { id: a, activity: x } ]
`)

  it('see it as `query`, and change nothing', async () => {
    const run = await Run.start(yaml)
    const before = JSON.stringify(run.state)
    assert.equal(await evaluateQuery(run.program, run.state, 'line', 'b'), 2)
    const lucky = await evaluateQuery(run.program, run.state, 'lucky')
    assert.equal(await evaluateQuery(run.program, run.state, 'lucky'), lucky)
    assert.equal(JSON.stringify(run.state), before)
  })

  it('one that gives nothing is a fault', async () => {
    const run = await Run.start(yaml)
    await assert.rejects(
      evaluateQuery(run.program, run.state, 'line', 'none'),
      (fault: { shape?: { type: string } }) => fault.shape?.type === 'ExpressionUndefined',
    )
  })

  it('a template that has a key `schema` alone is a template', async () => {
    const run = await Run.start(yaml)
    assert.deepEqual(await evaluateQuery(run.program, run.state, 'plain', 'x'), { schema: 'a' })
  })
})
