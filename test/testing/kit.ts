/** Runs scenarios that stand in a test as text, in a folder of their own. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Failure,
  runScenarioFiles,
  type ScenarioOptions,
  type ScenarioReport,
} from '../../testing/index.ts'

export interface KitOptions extends ScenarioOptions {
  /** Other documents that it may start, by their names. */
  readonly also?: { readonly [name: string]: string }
}

export interface Kit {
  /** The report of these scenarios (the items of `scenarios:`, as YAML) on the document `steps:` … of this text. */
  run(document: string, scenarios: string, options?: KitOptions): Promise<ScenarioReport>
  close(): Promise<void>
}

export async function openKit(): Promise<Kit> {
  const folder = await mkdtemp(join(tmpdir(), 'perdure-scenarios-'))
  return {
    async run(document, scenarios, { also = {}, ...options } = {}) {
      for (const [name, body] of Object.entries({ demo: document, ...also }))
        await writeFile(
          join(folder, `${name}.yaml`),
          `dsl: perdure/1\nname: ${name}\nversion: 1.0.0\n${body}`,
        )
      const file = join(folder, 'demo.test.yaml')
      const others = Object.keys(also).map((name) => `./${name}.yaml`)
      const head = others.length === 0 ? '' : `also: ${JSON.stringify(others)}\n`
      await writeFile(file, `workflow: ./demo.yaml\n${head}scenarios:\n${scenarios}`)
      return runScenarioFiles([file], options)
    },
    close: () => rm(folder, { recursive: true }),
  }
}

/** Every scenario passes. */
export function assertPassed(report: ScenarioReport): void {
  const told = [
    ...report.failures.flatMap(({ message, problems }) => [
      message,
      ...problems.map((problem) => problem.message),
    ]),
    ...report.results.flatMap(({ name, failures }) =>
      failures.map(
        ({ message, expected, got, place }) =>
          `${name}: ${message} at line ${place.line}\n  expected ${JSON.stringify(expected)}\n  got ${JSON.stringify(got)}`,
      ),
    ),
  ]
  assert.equal(told.join('\n'), '')
  assert.ok(report.results.length > 0, 'no scenario ran')
  assert.equal(report.passed, true)
}

/** The first failure of the one scenario, which must fail. */
export function failureOf(report: ScenarioReport): Failure {
  assert.equal(report.passed, false, 'it passed')
  assert.deepEqual(report.failures, [])
  const [failure] = report.results.flatMap((result) => result.failures)
  assert.ok(failure)
  return failure
}
