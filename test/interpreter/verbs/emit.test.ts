import assert from 'node:assert/strict'
import { doc, Run, t0 } from '../harness.ts'
import { eventsOf, sent } from '../others.ts'

describe('emit', () => {
  it('publishes an event with the turn, and goes on without a result', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: e
    emit: { type: "shop.order.\${ input.what }", subject: "\${ input.id }", data: { id: "\${ input.id }" } }
  - return: \${ steps.e ?? 'nothing' }
`),
      { what: 'placed', id: 'o-1' },
    )
    assert.equal(run.result(), 'nothing')
    assert.deepEqual(run.events[1], {
      type: 'EventEmitted',
      step: 'e',
      path: 'e',
      eventType: 'shop.order.placed',
      subject: 'o-1',
      data: { id: 'o-1' },
      timestamp: t0,
    })
    assert.deepEqual(sent(run, 'emit'), [{ kind: 'emit', eventIndex: 1 }])
  })

  it('each names its own event, in the turn that it belongs to', async () => {
    const run = await Run.start(
      doc(`
steps:
  - { id: a, activity: x }
  - { id: one, emit: { type: one } }
  - { id: loop, forEach: "[1, 2]", do: [ { id: two, emit: { type: two, data: "\${ item }" } } ] }
`),
    )
    await run.answer('a', { returns: null })
    const turn = run.turns.at(-1) ?? []
    const emitted = sent(run, 'emit').map(({ eventIndex }) => turn[eventIndex])
    assert.deepEqual(emitted, eventsOf(run, 'EventEmitted'))
    assert.deepEqual(
      eventsOf(run, 'EventEmitted').map(({ eventType, data, path }) => [eventType, data, path]),
      [
        ['one', null, 'one'],
        ['two', 1, 'loop[0].two'],
        ['two', 2, 'loop[1].two'],
      ],
    )
  })

  for (const [what, body, type] of [
    ['an empty type', '{ type: "${ input.none }" }', 'ExpressionError'],
    ['a subject that is no text', '{ type: t, subject: "${ input.n }" }', 'ExpressionError'],
    ['data that gives nothing', '{ type: t, data: "${ input.absent }" }', 'ExpressionUndefined'],
    ['data beyond the payload limit', '{ type: t, data: "${ input.long }" }', 'LimitExceeded'],
  ] as const) {
    it(`${what} fails the step, and nothing is published`, async () => {
      const input = { none: '', n: 5, long: 'x'.repeat(200) }
      const run = await Run.start(doc(`steps: [ { id: e, emit: ${body} } ]`), input, {
        limits: { payloadBytes: 100 },
      })
      assert.deepEqual([run.error().type, run.error().step], [type, 'e'])
      assert.deepEqual(run.sent, [])
    })
  }
})
