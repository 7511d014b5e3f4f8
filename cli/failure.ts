/**
 * How a command ends when it cannot do what it was asked. Owns the exit codes, the exception that carries one, and
 * how any error is told: on standard error what, where and what to do; under `--json` one JSON value too; a stack
 * trace only with PERDURE_DEBUG. Called by `main.ts` and thrown by the commands.
 */
import type { Problem } from '../schema/problem.ts'
import { SettingsError } from './settings/problem.ts'
import type { Terminal } from './terminal/terminal.ts'

export const exitCodes = {
  success: 0,
  /** An execution, a scenario or a request failed. */
  failed: 1,
  /** A document, an input, an option or a setting is wrong, or a command is not supported yet. */
  invalid: 2,
  /** Stopped by Ctrl-C, as shells count it. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export class CliFailure extends Error {
  readonly code: string
  readonly exitCode: ExitCode
  readonly suggestion: string | undefined

  constructor(
    code: string,
    message: string,
    more: { readonly exitCode?: ExitCode; readonly suggestion?: string; readonly cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'CliFailure'
    this.code = code
    this.exitCode = more.exitCode ?? exitCodes.invalid
    this.suggestion = more.suggestion
  }
}

/** What is told of an error, whatever threw it. */
interface Told {
  readonly code: string
  readonly message: string
  readonly suggestion?: string
  readonly problems?: readonly Problem[]
  readonly exitCode: ExitCode
  readonly expected: boolean
}

/** Tells an error and gives the exit code. */
export async function tellFailure(
  error: unknown,
  terminal: Terminal,
  options: { readonly json: boolean },
): Promise<ExitCode> {
  const told = toTold(error)
  const { messageColours: colours } = terminal
  if (error instanceof SettingsError) {
    for (const problem of error.problems) {
      terminal.message(`${colours.bad('error')}: ${problem.place}: ${problem.message}`)
      if (problem.suggestion !== undefined) terminal.message(`  ${problem.suggestion}`)
    }
  } else {
    if (told.problems !== undefined && told.problems.length > 0) {
      const { problemLines } = await import('./problem-lines.ts')
      terminal.message(problemLines(told.problems, colours))
    }
    terminal.message(`${colours.bad('error')}: ${told.message} ${colours.faint(`(${told.code})`)}`)
    if (told.suggestion !== undefined) terminal.message(`  ${told.suggestion}`)
  }
  const debug = (terminal.environment['PERDURE_DEBUG'] ?? '') !== ''
  if (debug && error instanceof Error) terminal.message(error.stack ?? String(error))
  else if (!told.expected) terminal.message('  set PERDURE_DEBUG=1 to see where it came from')
  if (options.json) {
    const { exitCode: _, expected: __, ...shown } = told
    terminal.answerJson({ error: shown })
  }
  return told.exitCode
}

function toTold(error: unknown): Told {
  if (error instanceof CliFailure) {
    return {
      code: error.code,
      message: error.message,
      ...(error.suggestion === undefined ? {} : { suggestion: error.suggestion }),
      exitCode: error.exitCode,
      expected: true,
    }
  }
  if (error instanceof SettingsError) {
    return { code: 'SettingsInvalid', message: error.message, exitCode: exitCodes.invalid, expected: true }
  }
  if (error instanceof Error && 'code' in error && 'suggestion' in error && typeof error.code === 'string') {
    // EngineError in this process, or the same from the server through the client.
    return {
      code: error.code,
      message: error.message,
      ...(typeof error.suggestion === 'string' ? { suggestion: error.suggestion } : {}),
      ...('problems' in error && Array.isArray(error.problems) ? { problems: error.problems } : {}),
      exitCode: documentErrors.has(error.code) ? exitCodes.invalid : exitCodes.failed,
      expected: true,
    }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'Unexpected', message, exitCode: exitCodes.failed, expected: false }
}

/** Refusals that are about what the user handed in, not about what became of it. */
const documentErrors: ReadonlySet<string> = new Set(['DefinitionInvalid'])
