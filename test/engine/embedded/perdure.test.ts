/** The embedding API, with real activities, in a process of its own where it must leave nothing open. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ApplicationError,
  defineActivity,
  EngineError,
  Perdure,
  WorkflowFailedError,
} from '../../../index.ts'
import { doc } from '../support.ts'

const greet = defineActivity({
  name: 'greetings.greet',
  input: { type: 'object', required: ['name'] },
  run: (input: unknown) => `Hello, ${(input as { name: string }).name}!`,
})
const refuse = defineActivity({
  name: 'cards.charge',
  run: () => {
    throw new ApplicationError('card declined', {
      type: 'CardDeclined',
      retryable: false,
      details: { code: 51 },
    })
  },
})

const hello = doc(
  `
signals: { go: {} }
queries: { name: "\${ input.name }" }
steps:
  - id: greet
    activity: greetings.greet
    input: { name: "\${ input.name }" }
  - id: gate
    wait: { signal: go }
  - return: \${ steps.greet }
`,
  'hello',
)

describe('Perdure', () => {
  it('runs a workflow in an application', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'perdure-definitions-'))
    writeFileSync(join(directory, 'hello.yaml'), hello)
    writeFileSync(join(directory, 'unrelated.yaml'), 'a: 1')
    const perdure = new Perdure({ inMemory: true, definitions: directory, activities: [greet, refuse] })
    assert.throws(() => perdure.engine, /call start/)
    await perdure.start()
    try {
      const handle = await perdure.client.start('hello', { input: { name: 'Ada' } })
      assert.equal(await handle.query('name'), 'Ada')
      await handle.signal('go')
      assert.equal(await handle.result(), 'Hello, Ada!')
      assert.equal((await handle.describe()).status, 'completed')
      const types: string[] = []
      for await (const event of handle.history()) types.push(event.type)
      assert.equal(types.at(-1), 'WorkflowExecutionCompleted')
      assert.equal(await perdure.client.count(), 1)

      await perdure.deploy(doc('steps: [ { id: charge, activity: cards.charge } ]', 'charges'))
      const failing = await perdure.client.start('charges')
      await assert.rejects(
        failing.result(),
        (thrown) => thrown instanceof WorkflowFailedError && thrown.outcome.error.type === 'CardDeclined',
      )
      await assert.rejects(perdure.client.start('none'), (thrown) => thrown instanceof EngineError)
      const canceled = await perdure.client.start('hello', { input: { name: 'Bob' } })
      await canceled.cancel('no')
      await assert.rejects(canceled.result(), /was canceled/)
    } finally {
      await perdure.stop()
      rmSync(directory, { recursive: true })
    }
    await assert.rejects(async () => perdure.client.start('hello'), /not running/)
  })

  it('wants one place to keep executions', () => {
    assert.throws(() => new Perdure({}), TypeError)
    assert.throws(() => new Perdure({ inMemory: true, dataDir: 'x' }), TypeError)
  })

  it('gives the problems of a definition at the start, and leaves nothing open', async () => {
    const perdure = new Perdure({
      inMemory: true,
      definitions: [{ source: doc('steps: [ { activty: x } ]'), format: 'yaml' }],
    })
    await assert.rejects(
      perdure.start(),
      (thrown) =>
        thrown instanceof EngineError && thrown.code === 'DefinitionInvalid' && thrown.problems !== undefined,
    )
    await perdure.stop()
  })

  it('takes a document without its format, names the file of a conflict, and refuses a text for a path', async () => {
    const source = doc('steps: [ { return: 1 } ]', 'plain')
    const perdure = new Perdure({ inMemory: true, definitions: [{ source }] })
    await perdure.start()
    assert.equal((await perdure.engine.definition('default', 'plain', '1.0.0')).format, 'yaml')
    await assert.rejects(
      perdure.deploy(doc('steps: [ { return: 2 } ]', 'plain'), { file: 'plain.yaml' }),
      /^EngineError: plain\.yaml: plain@1\.0\.0 is deployed with another content/,
    )
    await perdure.stop()
    await assert.rejects(
      new Perdure({ inMemory: true, definitions: source }).start(),
      /pass \{ source: text \}/,
    )
  })

  it('deploys a text, a file, and a document with its format', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'perdure-definitions-'))
    const file = join(directory, 'filed.yaml')
    writeFileSync(file, doc('steps: [ { return: 1 } ]', 'filed'))
    const json = JSON.stringify({ dsl: 'perdure/1', name: 'json', version: '1.0.0', steps: [{ return: 1 }] })
    const perdure = new Perdure({ inMemory: true })
    await perdure.start()
    try {
      assert.equal((await perdure.deploy(file)).name, 'filed')
      assert.equal((await perdure.deploy(json)).name, 'json')
      assert.equal((await perdure.deploy({ source: json, format: 'json' })).outcome, 'same')
      await assert.rejects(perdure.deploy('gone.yaml'), /gone\.yaml/)
    } finally {
      await perdure.stop()
      rmSync(directory, { recursive: true })
    }
  })

  it('leaves no handle open: the process ends by itself', () => {
    const index = new URL('../../../index.ts', import.meta.url).pathname
    const program = `
      import { Perdure } from '${index}'
      const perdure = new Perdure({ inMemory: true, definitions: [{ source: ${JSON.stringify(
        doc('steps: [ { id: a, activity: log.write, input: { message: hi } }, { id: p, wait: 7d } ]'),
      )}, format: 'yaml' }] })
      await perdure.start()
      const handle = await perdure.client.start('under-test')
      await handle.outcome({ waitMs: 20 })
      await perdure.stop()
      console.log('stopped')
    `
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      { encoding: 'utf8', timeout: 50_000 },
    )
    assert.equal(stdout, 'stopped\n', stderr)
    assert.equal(status, 0)
  })
})
