import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { forEachCase, perdure, perdureProcess, TemporaryDirectory } from './command.ts'
import { approval, broken, greeting } from './documents.ts'

const scenarios = `workflow: ./greeting.yaml
scenarios:
  - name: greets
    input: { name: Ada }
    activities: { greet: { returns: "Hello, Ada!" } }
    expect: { status: completed, result: "Hello, Ada!" }
`
const failingScenario = scenarios.replace('result: "Hello, Ada!"', 'result: Bye')

describe('perdure test', function () {
  this.timeout(60_000)
  const temporary = new TemporaryDirectory()
  after(() => temporary.remove())
  const directory = temporary.sub({
    'greeting.yaml': greeting,
    'greeting.test.yaml': scenarios,
    'bad/greeting.yaml': greeting,
    'bad/greeting.test.yaml': failingScenario,
    'invalid/broken.yaml': broken,
    'invalid/broken.test.yaml':
      'workflow: ./broken.yaml\nscenarios: [{ name: x, expect: { status: completed } }]\n',
    'none/readme.md': '',
    'partly/approval.yaml': approval,
    'partly/approval.test.yaml':
      'workflow: ./approval.yaml\nscenarios: [{ name: waits, at: [{ after: 1s, query: stage, expect: asked }], expect: { status: running } }]\n',
  })
  const test = (path: string, ...options: readonly string[]) =>
    perdure(['test', join(directory, path), ...options], { directory })

  it('passes with a line per scenario and exits 0, also with a crash everywhere', async () => {
    const args = ['test', 'greeting.test.yaml', '--crash-everywhere', '--junit', 'report.xml']
    const { code, stdout, stderr } = await perdureProcess(args, { directory })
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /✓ greets \(.*crash/)
    assert.match(readFileSync(join(directory, 'report.xml'), 'utf8'), /<testcase [^>]*name="greets"/)
  })

  it('exits 1 when a scenario failed, with what was expected and got', async () => {
    const { code, stdout } = await test('bad')
    assert.equal(code, 1)
    assert.match(stdout, /✗ greets/)
    assert.match(stdout, /Bye[\s\S]*Hello, Ada!|Hello, Ada![\s\S]*Bye/)
    const report = JSON.parse((await test('bad', '--json')).stdout)
    assert.deepEqual([report.passed, report.counts.failed], [false, 1])
  })

  it('exits 2 for a file or an option that is wrong, and when there is nothing to run', async () => {
    const cases: { args: [string, ...string[]]; message: RegExp }[] = [
      { args: ['invalid'], message: /broken\.yaml/ },
      { args: ['none'], message: /no scenario file/ },
      { args: ['nowhere'], message: /nowhere/ },
      { args: ['greeting.test.yaml', '--store', 'sqlite'], message: /--store sqlite is not a store/ },
      { args: ['greeting.test.yaml', '--coverage', 'all'], message: /--coverage all is not a percentage/ },
    ]
    await forEachCase(cases, async ({ args, message }) => {
      const { code, stdout, stderr } = await test(...args)
      assert.equal(code, 2, `${args}: ${stdout}${stderr}`)
      assert.match(stdout + stderr, message)
    })
  })

  it('--coverage fails below the number', async () => {
    const { code, stderr } = await test('partly', '--coverage', '90')
    assert.equal(code, 1)
    assert.match(stderr, /% of the steps were reached, less than --coverage 90/)
    assert.equal((await test('partly', '--coverage', '10')).code, 0)
  })
})
