import assert from 'node:assert/strict'
import { Perdure } from '../../engine/embedded/perdure.ts'
import { doc } from './support.ts'

const target = doc(
  `
vars: { n: 5 }
signals: { stop: {} }
queries:
  double:
    schema: { type: object, required: [by], properties: { by: { type: integer } } }
    return: \${ vars.n * query.by }
  broken: "\${ steps.over.nothing }"
steps: [ { id: over, wait: { signal: stop } } ]
`,
  'target',
)

const asking = doc(
  `
input: { type: object }
steps:
  - id: ask
    activity: workflow.query
    input: \${ input }
    retry: { maximumAttempts: 2, initialInterval: 1ms }
  - return: \${ steps.ask }
`,
  'asking',
)

describe('activity workflow.query', () => {
  let perdure: Perdure

  before(async () => {
    perdure = new Perdure({ inMemory: true, definitions: [{ source: target }, { source: asking }] })
    await perdure.start()
    await perdure.client.start('target', { workflowId: 't' })
  })
  after(() => perdure.stop())

  const ask = async (input: { workflowId: string; name: string; input?: object }) => {
    const handle = await perdure.client.start('asking', { input: { ...input } as never })
    const outcome = await handle.outcome({ waitMs: 10_000 })
    const events = []
    for await (const event of handle.history()) events.push(event)
    const attempts = events.filter(({ type }) => type === 'ActivityTaskStarted').length
    return { outcome, attempts }
  }

  it('gives the answer of a query', async () => {
    const { outcome } = await ask({ workflowId: 't', name: 'double', input: { by: 3 } })
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.equal(outcome.result, 15)
  })

  for (const [what, input, type, attempts] of [
    ['a query that is not declared', { workflowId: 't', name: 'triple' }, 'QueryNotDeclared', 1],
    [
      'a payload that does not match',
      { workflowId: 't', name: 'double', input: { by: 'x' } },
      'QueryInvalid',
      1,
    ],
    [
      'an execution that is not there, which may come',
      { workflowId: 'x', name: 'double' },
      'ExecutionNotFound',
      2,
    ],
    ['a query that fails now', { workflowId: 't', name: 'broken' }, 'ExpressionUndefined', 2],
  ] as const) {
    it(`fails with ${type} for ${what}`, async () => {
      const ended = await ask(input)
      assert.ok(ended.outcome.status === 'failed')
      assert.equal(ended.outcome.error.type, type)
      assert.equal(ended.attempts, attempts)
    })
  }
})
