import assert from 'node:assert/strict'
import { interfaceOf } from '../../schema/known-workflows.ts'
import { loadDocuments } from '../../schema/load-all.ts'

const document = (name: string, version: string, rest: string) =>
  `dsl: perdure/1\nname: ${name}\nversion: ${version}\n${rest}`

const child = document(
  'ship-order',
  '1.2.0',
  `input: { type: object, required: [orderId], properties: { orderId: { type: string } } }
output: { type: object, required: [tracking], properties: { tracking: { type: string } }, additionalProperties: false }
steps: [ { return: { tracking: t } } ]
`,
)

function codes(...sources: readonly string[]): readonly (readonly string[])[] {
  return loadDocuments(sources.map((source, n) => ({ source, file: `${n}.yaml` }))).map(({ problems }) =>
    problems.map(({ code, line }) => `${code}@${line}`),
  )
}

describe('documents that are checked together', () => {
  const parent = (step: string, result = 'tracking') =>
    document('day', '1.0.0', `steps:\n  - { id: ship, ${step} }\n  - return: \${ steps.ship.${result} }\n`)

  it('know the inputs and results of each other, in any order', () => {
    assert.deepEqual(codes(parent('workflow: ship-order, input: { orderId: a }'), child), [[], []])
    assert.deepEqual(codes(child, parent('workflow: ship-order, input: { orderId: 7 }', 'url')), [
      [],
      ['child-input-invalid@5', 'unknown-field@6'],
    ])
  })

  it('and which versions there are', () => {
    assert.deepEqual(codes(parent('workflow: ship-order, version: ^2.0.0, input: {}'), child)[0], [
      'workflow-not-known@5',
    ])
    const next = child.replace('1.2.0', '2.0.0').replaceAll('orderId', 'id')
    assert.deepEqual(
      codes(parent('workflow: ship-order, version: ^1, input: { orderId: a }'), child, next)[0],
      [],
    )
    assert.deepEqual(codes(parent('workflow: ship-order, input: { orderId: a }'), child, next)[0], [
      'child-input-invalid@5',
    ])
    const prerelease = child.replace('1.2.0', '3.0.0-rc.1').replaceAll('orderId', 'id')
    assert.deepEqual(codes(parent('workflow: ship-order, input: { orderId: a }'), child, prerelease)[0], [])
  })

  it('one that has errors of its own is known all the same; one that cannot be read is not', () => {
    const broken = child.replace('steps:', 'stepz:')
    assert.deepEqual(codes(parent('workflow: ship-order, input: { orderId: 7 }'), broken)[0], [
      'child-input-invalid@5',
    ])
    assert.deepEqual(codes(parent('workflow: ship-order, input: { orderId: 7 }'), `${child}\t: {`)[0], [
      'workflow-not-known@5',
    ])
  })

  it('beside what is deployed', () => {
    const deployed = interfaceOf({ name: 'ship-order', version: '1.0.0', input: { type: 'string' } })
    assert.ok(deployed)
    const [loaded] = loadDocuments([{ source: parent('workflow: ship-order, input: { orderId: 7 }') }], {}, [
      deployed,
    ])
    assert.deepEqual(
      loaded?.problems.map(({ code }) => code),
      ['child-input-invalid'],
    )
  })

  it('each names its own file and keeps its plan', () => {
    const [first, second] = loadDocuments([
      { source: child, file: 'ship.yaml' },
      { source: '{"dsl": "perdure/1"', format: 'json' },
    ])
    assert.equal(first?.plan?.name, 'ship-order')
    assert.equal(second?.plan, undefined)
    assert.equal(second?.problems[0]?.code, 'yaml-syntax')
  })
})
