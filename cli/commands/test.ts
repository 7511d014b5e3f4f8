/** `perdure test`: runs scenario files. What a scenario is and how a report looks is `testing/`. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import {
  addJson,
  addSettings,
  type CommandLine,
  effectiveSettings,
  ending,
  limitSettings,
} from '../command-line.ts'
import { CliFailure, type ExitCode, exitCodes } from '../failure.ts'
import { maskUrl } from '../settings/show.ts'
import type { Terminal } from '../terminal/terminal.ts'

interface TestOptions {
  readonly store: string
  readonly crashEverywhere?: true
  readonly coverage?: string
  readonly junit?: string
  readonly json?: true
}

export function addTest(program: Command, line: CommandLine): void {
  const command = program
    .command('test')
    .summary('run scenario files (*.test.yaml)')
    .description(
      'Runs every *.test.yaml below the paths on the real engine with a virtual clock and scripted activities. Exits 1 if a scenario failed, 2 if a file is not valid.',
    )
    .argument('<PATH...>', 'scenario files, or directories that hold some')
    .option('--store <STORE>', 'memory, pglite, or the URL of a PostgreSQL database', 'memory')
    .option('--crash-everywhere', 'run each scenario again with a crash after every event')
    .option('--coverage <N>', 'fail when less than N per cent of the steps were reached')
    .option('--junit <FILE>', 'write a JUnit report too')
  addJson(addSettings(command, [], limitSettings)).action(
    ending(line, async (paths: readonly string[], options: TestOptions) => {
      const settings = await effectiveSettings(command, line)
      return test(paths, options, settings.limits(), line.terminal)
    }),
  )
}

async function test(
  paths: readonly string[],
  options: TestOptions,
  limits: ReturnType<Awaited<ReturnType<typeof effectiveSettings>>['limits']>,
  terminal: Terminal,
): Promise<ExitCode> {
  const required = options.coverage === undefined ? null : percentage(options.coverage)
  const store = checkedStore(options.store)
  const testing = await import('../../testing/index.ts')
  const files = await findFiles(testing.findScenarioFiles, paths)
  const report = await testing.runScenarioFiles(files, {
    store,
    limits,
    ...(options.crashEverywhere ? { crashEverywhere: true } : {}),
    onResult: countOnTerminal(terminal),
  })
  if (options.junit !== undefined)
    writeReport(resolve(terminal.directory, options.junit), testing.junitReport(report))
  if (options.json) terminal.answerJson(testing.jsonReport(report))
  else terminal.answer(testing.formatReport(report, terminal.answerColours))
  if (report.failures.length > 0) return exitCodes.invalid
  if (report.results.length === 0)
    throw new CliFailure('NoScenario', `there is no scenario in ${paths.join(', ')}`)
  const reached = testing.stepPercentage(report.coverage)
  if (required !== null && reached < required) {
    terminal.message(
      `${terminal.messageColours.bad('error')}: ${reached} % of the steps were reached, less than --coverage ${required}`,
    )
    return exitCodes.failed
  }
  return report.passed ? exitCodes.success : exitCodes.failed
}

function percentage(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= 100) return value
  throw new CliFailure('UsageInvalid', `--coverage ${text} is not a percentage`, {
    suggestion: 'give a number from 0 to 100',
  })
}

function checkedStore(store: string): string {
  if (store === 'memory' || store === 'pglite' || /^postgres(ql)?:\/\//.test(store)) return store
  throw new CliFailure('UsageInvalid', `--store ${maskUrl(store)} is not a store`, {
    suggestion: 'use memory, pglite, or a URL that begins with postgres://',
  })
}

async function findFiles(
  find: (paths: readonly string[]) => Promise<readonly string[]>,
  paths: readonly string[],
): Promise<readonly string[]> {
  let files: readonly string[]
  try {
    files = await find(paths)
  } catch (cause) {
    throw new CliFailure('NoScenario', cause instanceof Error ? cause.message : String(cause), {
      suggestion: 'name files that end in .test.yaml, or directories that hold some',
    })
  }
  if (files.length > 0) return files
  throw new CliFailure('NoScenario', `there is no scenario file in ${paths.join(', ')}`, {
    suggestion: 'scenario files end in .test.yaml',
  })
}

function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (cause) {
    throw new CliFailure(
      'FileUnwritable',
      `the JUnit report cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
    )
  }
}

/** With --crash-everywhere a run takes a while; the line is overwritten by the next and by the report. */
function countOnTerminal(terminal: Terminal): () => void {
  let done = 0
  return () => {
    done++
    terminal.transient(`${done} ${done === 1 ? 'scenario' : 'scenarios'} done`)
  }
}
