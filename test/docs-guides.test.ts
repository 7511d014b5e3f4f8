/**
 * The README, and the guides for people who write code (`docs/activities.md`, `embedding.md`, `testing.md`): each fence that begins with
 * the name of a file is written into a folder where `perdure` is installed, and is run. Keys of the contract are not
 * left out.
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createEngine } from '../engine/create.ts'
import { openActivities } from '../engine/embedded/process-activities.ts'
import type { Json } from '../schema/json.ts'
import { loadDocument } from '../schema/load.ts'
import { renderProblem } from '../schema/problems/render.ts'
import { openStorage } from '../storage/open.ts'
import { formatReport, runScenarioFiles } from '../testing/index.ts'
import { outcomeOf, taskOf } from './activities/attempts.ts'

const root = join(import.meta.dirname, '..')

function textOf(page: string): string {
  return readFileSync(join(root, 'docs', page), 'utf8')
}

/** By the name that the first line gives, as a comment. */
function filesOf(page: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const [, body = ''] of textOf(page).matchAll(/^```\w+\n(.*?)^```$/gms)) {
    const name = /^(?:#|\/\/) (\S+)\n/.exec(body)?.[1]
    if (name !== undefined) files.set(name, body)
  }
  return files
}

function assertNamed(page: string, keys: readonly string[]): void {
  const text = textOf(page)
  assert.deepEqual(
    keys.filter((key) => !new RegExp(`\`[^\`\\n]*\\b${key}\\b[^\`\\n]*\``).test(text)),
    [],
  )
}

describe('the guides', () => {
  let folder = ''

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'perdure-guides-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules', 'perdure'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    for (const page of ['../README.md', 'activities.md', 'embedding.md', 'testing.md']) {
      for (const [name, text] of filesOf(page)) writeFileSync(join(folder, name), text)
    }
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  function run(name: string): Promise<unknown> {
    return import(pathToFileURL(join(folder, name)).href)
  }

  it('README.md: the workflow runs, and a wrong one says what the page shows', async () => {
    const file = 'hello.yaml'
    const source = readFileSync(join(folder, file), 'utf8')
    const { executor } = await openActivities({ cwd: folder, modules: ['./greetings.ts'] })
    const engine = createEngine({ storage: openStorage({ kind: 'memory' }), executor })
    await engine.start()
    await engine.deploy({ namespace: 'default', source, format: 'yaml' })
    const ref = { namespace: 'default', workflowId: 'h-1' }
    await engine.startExecution({ ...ref, workflow: 'hello', input: { name: 'Ann' } })
    const outcome = await engine.result(ref)
    assert.equal(outcome.status === 'completed' && outcome.result, 'Hello, Ann!')
    await engine.stop()

    const [problem, ...more] = loadDocument(source.replace(/greet \}$/m, 'great }'), { file }).problems
    assert.ok(problem !== undefined && more.length === 0)
    assert.ok(textOf('../README.md').includes(renderProblem(problem)), renderProblem(problem))
  })

  it('activities.md: the module and the plugin are loaded, and do what they say', async () => {
    const { executor, health, teardown } = await openActivities({
      cwd: folder,
      modules: ['./activities.ts'],
      plugins: { mail: { use: './mail.ts', smtp: 'smtp://localhost' } },
    })
    const order = (amount: number) => ({ orderId: 'o-1', amount })
    const outcome = (activity: string, activityId: number, input: Json) =>
      outcomeOf(executor, taskOf(activity, { activityId, input, scheduledAt: Date.now() }))

    const charged = await outcome('payments.charge', 1, order(10))
    assert.match(
      charged.kind === 'completed' ? JSON.stringify(charged.result) : '',
      /^\{"paymentId":"p-.+"\}$/,
    )
    const declined = await outcome('payments.charge', 2, order(2000))
    assert.ok(declined.kind === 'failed')
    assert.equal(declined.error.type, 'CardDeclined')
    assert.equal(declined.error.retryable, false)
    const refused = await outcome('payments.charge', 3, order(0))
    assert.equal(refused.kind === 'failed' && refused.error.type, 'ActivityInputInvalid')
    const noted = await outcome('notes.write', 4, 'four')
    assert.equal(noted.kind === 'completed' && noted.result, 4)
    const sent = await outcome('mail.send', 5, { to: 'ann' })
    assert.equal(sent.kind === 'completed' && sent.result, 1)

    await health()
    await executor.stop(0)
    await teardown()
  })

  it('activities.md: names the keys of an activity and of its context', () => {
    assertNamed('activities.md', [
      ...['name', 'version', 'description', 'input', 'output', 'maxConcurrent', 'run', 'retry'],
      ...['startToCloseTimeout', 'scheduleToStartTimeout', 'scheduleToCloseTimeout', 'heartbeatTimeout'],
      ...['info', 'signal', 'heartbeat', 'lastHeartbeat', 'idempotencyKey', 'log'],
      ...['type', 'retryable', 'details', 'retryAfterMs', 'cause', 'setup', 'config', 'health', 'teardown'],
    ])
  })

  it('embedding.md: the program runs', () => run('application.ts'))

  it('testing.md: the scenarios pass, and the program', async () => {
    const report = await runScenarioFiles([join(folder, 'order.test.yaml')])
    assert.ok(report.passed, `\n${formatReport(report)}`)
    await run('order.test.ts')
  })

  it('testing.md: names the keys of a scenario', () => {
    assertNamed('testing.md', [
      ...['workflow', 'also', 'scenarios', 'name', 'input', 'activities', 'at', 'expect'],
      ...['returns', 'throws', 'takes', 'heartbeats', 'retryAfter', 'forever', 'never starts'],
      ...['signal', 'query', 'update', 'cancel', 'terminate', 'pause', 'resume', 'crash', 'after', 'id'],
      ...['status', 'result', 'error', 'calls', 'inputs', 'compensations', 'vars', 'duration', 'history'],
    ])
  })

  it('lead nowhere that is not there', () => {
    for (const page of ['activities.md', 'embedding.md', 'testing.md']) {
      for (const [, target = ''] of textOf(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
        assert.doesNotThrow(() => readFileSync(join(root, 'docs', target)), `${page} -> ${target}`)
      }
    }
  })
})
