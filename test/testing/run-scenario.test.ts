/** Files, options and crashes: what `runScenarioFiles` and `runScenario` do beside playing one scenario. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { type Interpreter, interpreter } from '../../engine/index.ts'
import {
  findScenarioFiles,
  runScenario,
  runScenarioFiles,
  ScenarioFailed,
  scenarioNames,
} from '../../testing/index.ts'
import { assertPassed } from './kit.ts'

const document = `dsl: perdure/1
name: demo
version: 1.0.0
signals: { go: { schema: { type: object } } }
steps:
  - { id: one, activity: a.one, compensate: { activity: a.undo } }
  - { id: pause, wait: 1h }
  - { id: go, wait: { signal: go } }
  - { id: two, activity: a.two, input: "\${ steps.one }" }
  - return: \${ steps.two }
`
const scenarios = `workflow: ./demo.yaml
scenarios:
  - name: good
    activities: { one: [{ throws: { type: Down } }, { returns: 1, takes: 10s }], two: { returns: "\${ input + 1 }" } }
    at: [{ after: 5s, signal: go, input: {} }]
    expect: { status: completed, result: 2, calls: [one, one, two], duration: 1h11s }
  - name: undone
    activities: { one: { returns: 1 }, two: { throws: { type: Down, retryable: false } }, a.undo: { returns: 1 } }
    at: [{ after: 2h, signal: go, input: {} }]
    expect: { status: failed, error: { type: Down }, compensations: [one] }
`

describe('running scenario files', () => {
  let folder = ''
  let file = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'perdure-run-scenario-'))
    file = join(folder, 'demo.test.yaml')
    await writeFile(join(folder, 'demo.yaml'), document)
    await writeFile(file, scenarios)
  })
  after(() => rm(folder, { recursive: true }))

  async function fileOf(name: string, text: string): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, text)
    return path
  }

  it('tells each result as it comes, and reports all', async () => {
    const told: string[] = []
    const report = await runScenarioFiles([file], {
      onResult: ({ name, passed }) => told.push(`${name} ${passed}`),
    })
    assertPassed(report)
    assert.deepEqual(told, ['good true', 'undone true'])
    assert.deepEqual(
      report.results.map(({ virtualMs, crashes, place }) => ({ virtualMs, crashes, line: place.line })),
      [
        { virtualMs: 3_611_000, crashes: 0, line: 3 },
        { virtualMs: 7_200_000, crashes: 0, line: 7 },
      ],
    )
    assert.equal(report.coverage[0]?.name, 'demo')
  })

  it('runs those that are named', async () => {
    const report = await runScenario(file, { names: ['undone'] })
    assert.deepEqual(
      report.results.map(({ name }) => name),
      ['undone'],
    )
    await assert.rejects(runScenario(file, { names: ['nobody'] }), /no scenario ran/)
    assert.deepEqual(await scenarioNames(file), ['good', 'undone'])
  })

  it('rejects with the report where a scenario fails', async () => {
    const wrong = await fileOf('wrong.test.yaml', scenarios.replace('result: 2', 'result: 3'))
    await assert.rejects(runScenario(wrong), (error: unknown) => {
      assert.ok(error instanceof ScenarioFailed)
      assert.match(
        error.message,
        /✗ good .*\n +expect\.result\n +at .*wrong\.test\.yaml:6:42, step "return_5" at /,
      )
      assert.match(error.message, /3 +≠ 2/)
      assert.match(error.message, /1 failed, 1 passed/)
      assert.equal(error.report.results.length, 2)
      return true
    })
  })

  it('goes on after a file that cannot be used, and says what is wrong with it', async () => {
    const noDocument = await fileOf('a.test.yaml', scenarios.replace('./demo.yaml', './missing.yaml'))
    const broken = await fileOf('b.test.yaml', 'workflow: [')
    await fileOf('bad.yaml', document.replace('steps.two', 'steps.three'))
    const badDocument = await fileOf('c.test.yaml', scenarios.replace('./demo.yaml', './bad.yaml'))
    const report = await runScenarioFiles([
      noDocument,
      broken,
      badDocument,
      join(folder, 'd.test.yaml'),
      file,
    ])
    assert.equal(report.passed, false)
    assert.equal(report.results.length, 2)
    const [first, second, third, fourth] = report.failures
    assert.match(first?.message ?? '', /missing\.yaml cannot be read/)
    assert.equal(second?.message, 'the scenario file has errors')
    assert.equal(second?.problems.length, 1)
    assert.match(third?.message ?? '', /bad\.yaml has errors/)
    assert.match(third?.problems[0]?.message ?? '', /three/)
    assert.match(fourth?.message ?? '', /cannot be read/)
  })

  it('a report of nothing has not passed', async () => {
    assert.equal((await runScenarioFiles([])).passed, false)
  })

  it('hands on limits', async () => {
    const report = await runScenarioFiles([file], { limits: { payloadBytes: 0 }, names: ['good'] })
    assert.match(report.results[0]?.failures[0]?.message ?? '', /LimitExceeded/)
  })

  it('refuses a store that it does not know', async () => {
    await assert.rejects(runScenarioFiles([file], { store: 'mysql://x' }), /unknown store "mysql:\/\/x"/)
  })

  it('runs on PGlite, one store for all', async function () {
    this.timeout(120_000)
    // The first leaves its run open, which must not go on in the world of the next.
    const open = await fileOf(
      'open.test.yaml',
      'workflow: ./demo.yaml\nscenarios: [{ name: open, activities: { one: { returns: 1 } }, at: [{ after: 1s, crash: true }], expect: { status: running } }]',
    )
    const report = await runScenarioFiles([open, file], { store: 'pglite', crashEverywhere: true })
    assertPassed(report)
  })

  describe('with a crash around every turn', () => {
    it('passes where the engine keeps what it must', async () => {
      const report = await runScenarioFiles([file], { crashEverywhere: true })
      assertPassed(report)
      for (const { crashes } of report.results) assert.ok(crashes >= 3 * 6, `only ${crashes} crashes`)
    })

    /** States that were made here; after a crash a run goes on from one that was folded from its history. */
    const made = new WeakSet<object>()
    const remembering: Interpreter = {
      ...interpreter,
      reduce: async (program, state, inputs) => {
        const result = await interpreter.reduce(program, state, inputs)
        if (state === null) made.add(result.state)
        return result
      },
    }
    for (const [what, broken] of [
      [
        'forgets the attempts that were under way',
        {
          ...remembering,
          outstandingActivities: (state, now, attempts) =>
            made.has(state) ? interpreter.outstandingActivities(state, now, attempts) : [],
        },
      ],
      [
        'forgets its timers',
        {
          ...remembering,
          nextWakeAt: (state, attempts) => (made.has(state) ? interpreter.nextWakeAt(state, attempts) : null),
        },
      ],
    ] as const satisfies readonly (readonly [string, Interpreter])[])
      it(`finds an engine that ${what}`, async () => {
        const short = await fileOf(
          'short.test.yaml',
          'workflow: ./short.yaml\nscenarios: [{ name: a, activities: { one: { returns: 1, takes: 1s } }, expect: { status: completed, duration: 1500ms } }]',
        )
        await fileOf(
          'short.yaml',
          'dsl: perdure/1\nname: short\nversion: 1.0.0\nsteps: [{ id: one, activity: a.one }, { id: pause, wait: 500ms }]\n',
        )
        assertPassed(await runScenarioFiles([short], { interpreter: broken }))
        const options = { interpreter: broken, crashEverywhere: true, clockMoves: 100 }
        const [failure] = (await runScenarioFiles([short], options)).results.flatMap(
          ({ failures }) => failures,
        )
        assert.match(
          failure?.message ?? '',
          /(the run is running|the clock moved 100 times).*, with a crash /,
        )
        assert.ok(failure?.crash)
      })
  })

  describe('finding files', () => {
    it('finds scenario files below folders, in order, each once', async () => {
      const below = join(folder, 'below')
      await mkdir(join(below, 'node_modules'), { recursive: true })
      await mkdir(join(below, 'b'), { recursive: true })
      for (const name of [
        'z.test.yaml',
        'a.test.yml',
        'b/c.test.json',
        'b/other.yaml',
        'node_modules/x.test.yaml',
      ])
        await writeFile(join(below, name), '')
      const found = await findScenarioFiles([join(below, 'z.test.yaml'), below])
      assert.deepEqual(
        found.map((path) => relative(below, path)),
        ['z.test.yaml', 'a.test.yml', 'b/c.test.json'],
      )
    })

    it('says which path is not there, or holds none', async () => {
      await assert.rejects(findScenarioFiles([join(folder, 'nowhere')]), /nowhere does not exist/)
      await mkdir(join(folder, 'empty'))
      await assert.rejects(findScenarioFiles([join(folder, 'empty')]), /empty holds no scenario file/)
    })
  })
})
