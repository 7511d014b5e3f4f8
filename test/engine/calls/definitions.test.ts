import assert from 'node:assert/strict'
import type { EngineUnderTest } from '../../../engine/create.ts'
import { EngineError } from '../../../engine/engine-error.ts'
import { codeOf, deploy, doc, FunctionExecutor, namespace, startEngine } from '../support.ts'

describe('engine/definitions', () => {
  let engine: EngineUnderTest
  beforeEach(async () => {
    ;({ engine } = await startEngine(new FunctionExecutor({})))
  })
  afterEach(() => engine.stop({ graceMs: 0 }))

  const at = (version: string, result = 1) => doc(`steps: [ { return: ${result} } ]`, 'orders', version)

  it('deploys once, takes the same content again, refuses another', async () => {
    assert.equal((await deploy(engine, at('1.0.0'))).outcome, 'created')
    assert.equal((await deploy(engine, `# a comment\n${at('1.0.0')}`)).outcome, 'same')
    assert.equal(await codeOf(deploy(engine, at('1.0.0', 2))), 'DefinitionConflict')
    const stored = await engine.definition(namespace, 'orders', '1.0.0')
    assert.equal(stored.source, at('1.0.0'))
    assert.equal(await codeOf(engine.definition(namespace, 'orders', '2.0.0')), 'WorkflowNotFound')
  })

  it('gives all problems of a document with errors', async () => {
    const source = doc('steps:\n  - { id: a, activity: x, inptu: 1 }\n  - { return: "${ nothing.here }" }')
    await assert.rejects(
      engine.deploy({ namespace, source, format: 'yaml', file: 'orders.yaml' }),
      (thrown) =>
        thrown instanceof EngineError &&
        thrown.code === 'DefinitionInvalid' &&
        (thrown.problems ?? []).length > 0 &&
        (thrown.problems ?? []).every(({ line, file }) => line > 0 && file === 'orders.yaml'),
    )
  })

  it('stores nothing in a dry run', async () => {
    const request = { namespace, source: at('1.0.0'), format: 'yaml', dryRun: true } as const
    assert.equal((await engine.deploy(request)).outcome, 'created')
    assert.deepEqual(await engine.definitions(namespace), [])
    await deploy(engine, at('1.0.0'))
    assert.equal((await engine.deploy(request)).outcome, 'same')
    assert.equal(await codeOf(engine.deploy({ ...request, source: at('1.0.0', 2) })), 'DefinitionConflict')
  })

  it('lists versions in their semantic order, and sees deploys and deprecations at once', async () => {
    for (const version of ['2.10.0', '2.9.0', '3.0.0-rc.1']) await deploy(engine, at(version))
    const versions = (await engine.definitions(namespace, 'orders')).map(({ version }) => version)
    assert.deepEqual(versions, ['2.9.0', '2.10.0', '3.0.0-rc.1'])
    assert.equal((await engine.resolve(namespace, 'orders')).version, '2.10.0')
    await engine.setDeprecated(namespace, 'orders', '2.10.0', true)
    assert.equal((await engine.resolve(namespace, 'orders')).version, '2.9.0')
    await deploy(engine, at('2.11.0'))
    assert.equal((await engine.resolve(namespace, 'orders', '^2')).version, '2.11.0')
    assert.equal(await codeOf(engine.setDeprecated(namespace, 'orders', '9.0.0', true)), 'WorkflowNotFound')
    assert.equal(await codeOf(engine.resolve('other', 'orders')), 'WorkflowNotFound')
  })
})
