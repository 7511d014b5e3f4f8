/**
 * Runs scenario files: what `perdure test` and `runScenario()` call. Owns the course of one file (read, play, crash,
 * compare) and the report of all of them; how reports look is `report.ts`.
 */
import { readFile } from 'node:fs/promises'
import { type Interpreter, interpreter, type Limits, type Problem } from '../engine/index.ts'
import { checkExpectations } from './check-expectations.ts'
import { coverageOf, type DocumentCoverage } from './coverage.ts'
import { crashPoints, describeCrash, differencesAfterCrash } from './crash-everywhere.ts'
import { placeOfStep, readDocument, type ScenarioDocument } from './documents.ts'
import type { Finding, Observation } from './observation.ts'
import { type PlayOptions, play } from './play.ts'
import type { Failure, ScenarioResult } from './result.ts'
import type { Expectation, Scenario, ScenarioFile } from './scenario.ts'
import { parseScenarioFile } from './scenario-file.ts'
import type { CrashPoint } from './store-life.ts'
import { openStores, type StoreChoice } from './stores.ts'
import { VisitRecorder } from './visits.ts'

export interface ScenarioOptions {
  /** Default: `memory`. */
  readonly store?: StoreChoice
  /** Each scenario again with a crash around every turn: thousands of runs for a long one. */
  readonly crashEverywhere?: boolean
  readonly limits?: Partial<Limits>
  /** How often the clock of one run may move before it counts as endless. Default: 20,000. */
  readonly clockMoves?: number
  /** Only scenarios of these names. */
  readonly names?: readonly string[]
  /** Another reducer, for tests of the kit itself. */
  readonly interpreter?: Interpreter
  readonly onResult?: (result: ScenarioResult) => void
}

/** A scenario file or a document of one that cannot be used; none of its scenarios ran. */
export interface FileFailure {
  readonly file: string
  readonly message: string
  readonly problems: readonly Problem[]
}

export interface ScenarioReport {
  readonly passed: boolean
  readonly results: readonly ScenarioResult[]
  readonly failures: readonly FileFailure[]
  /** One per document, over all files. */
  readonly coverage: readonly DocumentCoverage[]
}

/** Differences of one scenario that are told; a broken run differs everywhere. */
const crashesToldMaximum = 3

export async function runScenarioFiles(
  files: readonly string[],
  options: ScenarioOptions = {},
): Promise<ScenarioReport> {
  const stores = await openStores(options.store ?? 'memory')
  const visits = new VisitRecorder()
  const watched: PlayOptions = {
    stores,
    interpreter: visits.watch(options.interpreter ?? interpreter),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.clockMoves === undefined ? {} : { clockMoves: options.clockMoves }),
  }
  const results: ScenarioResult[] = []
  const failures: FileFailure[] = []
  const documents = new Map<string, ScenarioDocument>()
  try {
    for (const file of files) {
      const read = await readScenarioFile(file)
      if (read.kind === 'failed') {
        failures.push(read.failure)
        continue
      }
      for (const document of read.documents) documents.set(document.plan.digest, document)
      for (const scenario of read.scenarios.scenarios) {
        if (options.names !== undefined && !options.names.includes(scenario.name)) continue
        const result = await runOne(read.scenarios, scenario, read.documents, watched, options)
        results.push(result)
        options.onResult?.(result)
      }
    }
  } finally {
    await stores.close()
  }
  return {
    passed: failures.length === 0 && results.length > 0 && results.every((result) => result.passed),
    results,
    failures,
    coverage: [...documents.values()].map((document) =>
      coverageOf(document, visits.of(document.plan.digest)),
    ),
  }
}

type ReadFileResult =
  | {
      readonly kind: 'read'
      readonly scenarios: ScenarioFile
      readonly documents: readonly ScenarioDocument[]
    }
  | { readonly kind: 'failed'; readonly failure: FileFailure }

async function readScenarioFile(file: string): Promise<ReadFileResult> {
  const failed = (message: string, problems: readonly Problem[] = []): ReadFileResult => ({
    kind: 'failed',
    failure: { file, message, problems },
  })
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    return failed(`cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  const parsed = parseScenarioFile(text, file)
  if (parsed.kind === 'invalid') return failed('the scenario file has errors', parsed.problems)
  const documents: ScenarioDocument[] = []
  for (const name of [parsed.scenarios.workflow, ...parsed.scenarios.also]) {
    const read = await readDocument(name)
    if (read.kind === 'unreadable') return failed(read.message)
    if (read.kind === 'invalid') return failed(`the document ${name} has errors`, read.problems)
    documents.push(read.document)
  }
  return { kind: 'read', scenarios: parsed.scenarios, documents }
}

async function runOne(
  file: ScenarioFile,
  scenario: Scenario,
  documents: readonly ScenarioDocument[],
  playing: PlayOptions,
  options: ScenarioOptions,
): Promise<ScenarioResult> {
  const began = performance.now()
  const failures: Failure[] = []
  const fail = (findings: readonly Finding[], crash: CrashPoint | null) => {
    for (const finding of findings) failures.push(failureOf(file, documents, finding, crash))
  }
  let virtualMs: number | null = null
  let crashes = 0
  if (scenario.notSupported.length > 0)
    fail(
      scenario.notSupported.map(({ what, path }) => ({ path, message: `${what} is not supported yet` })),
      null,
    )
  else
    try {
      const plain = await play(scenario, documents, null, playing)
      virtualMs = plain.seen.durationMs
      fail([...plain.seen.findings, ...checkExpectations(scenario.expect, plain.seen, documents)], null)
      if (options.crashEverywhere === true && failures.length === 0) {
        let told = 0
        for (const point of crashPoints(plain.commits)) {
          const run = await play(scenario, documents, point, playing)
          crashes += run.crashed ? 1 : 0
          // How turns of several executions share commits is a matter of timing: the last one may not come.
          const mustCrash = plain.seen.isAlone
          const findings = [
            ...run.seen.findings,
            ...checkExpectations(comparableWith(scenario.expect, plain.seen), run.seen, documents),
            ...differencesAfterCrash(scenario, documents, plain.seen, run.seen),
            ...(run.crashed || !mustCrash
              ? []
              : [{ path: scenario.path, message: 'the run never came to the crash' }]),
          ]
          fail(findings, point)
          if (findings.length > 0 && ++told >= crashesToldMaximum) break
        }
      }
    } catch (error) {
      // A bug of the engine or the kit, not a difference: told with its stack, and the other scenarios go on.
      fail(
        [
          {
            path: scenario.path,
            message: error instanceof Error ? (error.stack ?? error.message) : String(error),
          },
        ],
        null,
      )
    }
  return {
    file: file.file,
    name: scenario.name,
    place: { file: file.file, ...file.locate(scenario.path) },
    passed: failures.length === 0,
    failures,
    crashes,
    tookMs: Math.round(performance.now() - began),
    virtualMs,
  }
}

/** What several executions do at one instant has no order; that each did the same as before is compared elsewhere. */
function comparableWith(expect: Expectation, plain: Observation): Expectation {
  if (plain.isAlone) return expect
  const { calls: _calls, compensations: _compensations, ...rest } = expect
  return rest
}

function failureOf(
  file: ScenarioFile,
  documents: readonly ScenarioDocument[],
  finding: Finding,
  crash: CrashPoint | null,
): Failure {
  return {
    message: crash === null ? finding.message : `${finding.message}, with ${describeCrash(crash)}`,
    place: { file: file.file, ...file.locate(finding.path) },
    documentPlace: placeOfStep(documents, finding.step),
    ...(finding.expected === undefined ? {} : { expected: finding.expected }),
    ...(finding.expected === undefined && finding.got === undefined
      ? {}
      : finding.got === undefined
        ? { got: null, gotNothing: true as const }
        : { got: finding.got }),
    ...(crash === null ? {} : { crash }),
  }
}
