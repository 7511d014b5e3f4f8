/**
 * Runs scenario files: what `perdure test` and `runScenario()` call. Owns the course of one file (read, play, crash,
 * compare) and the report of all of them; how reports look is `report.ts`.
 */
import { readFile } from 'node:fs/promises'
import { type Interpreter, interpreter, type Limits, type Problem } from '../engine/index.ts'
import { checkExpectations } from './check-expectations.ts'
import { coverageOf, type DocumentCoverage } from './coverage.ts'
import { describeCrash } from './crash-everywhere.ts'
import { placeOfStep, readDocument, type ScenarioDocument } from './documents.ts'
import type { Finding } from './observation.ts'
import { type PlayOptions, play } from './play.ts'
import { playWithCrashes, type ToldFinding } from './play-with-crashes.ts'
import type { Failure, ScenarioResult } from './result.ts'
import type { Scenario, ScenarioFile } from './scenario.ts'
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
  const told: ToldFinding[] = []
  let virtualMs: number | null = null
  let crashes = 0
  try {
    const { notSupported, expect } = scenario
    for (const { what, path } of notSupported)
      told.push({ finding: { path, message: `${what} is not supported yet` }, crash: null })
    if (notSupported.length === 0) {
      const plain = await play(scenario, documents, null, playing)
      virtualMs = plain.seen.durationMs
      const findings = [...plain.seen.findings, ...checkExpectations(expect, plain.seen, documents)]
      told.push(...findings.map((finding) => ({ finding, crash: null })))
      if (options.crashEverywhere === true && told.length === 0) {
        crashes = await playWithCrashes(scenario, documents, playing, plain, told)
      }
    }
  } catch (error) {
    // A bug of the engine or the kit, not a difference: told with its stack, and the other scenarios go on.
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    told.push({ finding: { path: scenario.path, message }, crash: null })
  }
  return {
    file: file.file,
    name: scenario.name,
    place: { file: file.file, ...file.locate(scenario.path) },
    passed: told.length === 0,
    failures: told.map(({ finding, crash }) => failureOf(file, documents, finding, crash)),
    crashes,
    tookMs: Math.round(performance.now() - began),
    virtualMs,
  }
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
