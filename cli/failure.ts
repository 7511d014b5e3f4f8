/**
 * How a command ends when it cannot do what it was asked. Owns the exit codes, the exception that carries one, and
 * how any error is told: on standard error what, where and what to do; under `--json` one JSON value too; a stack
 * trace only with PERDURE_DEBUG. Called by `main.ts` and thrown by the commands.
 */
import type { Problem } from '../schema/problems/problem.ts'
import type { RequestFault } from '../server/api.ts'
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
  /** Told already; under `--json` they are part of the answer. */
  readonly problems: readonly Problem[]

  constructor(
    code: string,
    message: string,
    more: {
      readonly exitCode?: ExitCode
      readonly suggestion?: string
      readonly problems?: readonly Problem[]
      readonly cause?: unknown
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'CliFailure'
    this.code = code
    this.exitCode = more.exitCode ?? exitCodes.invalid
    this.suggestion = more.suggestion
    this.problems = more.problems ?? []
  }
}

/** Tells an error and gives the exit code. */
export async function tellFailure(
  error: unknown,
  terminal: Terminal,
  options: { readonly json: boolean },
): Promise<ExitCode> {
  const told = toTold(error)
  const { messageColours: colours } = terminal
  if (told.problems !== undefined && !(error instanceof CliFailure)) {
    const { renderProblems } = await import('../schema/problems/render.ts')
    terminal.message(`${renderProblems(told.problems, { colours: colours.coloured })}\n`)
  }
  for (const line of told.lines) terminal.message(`${colours.bad('error')}: ${line}`)
  if (told.suggestion !== undefined) terminal.message(`  ${told.suggestion}`)
  const debug = (terminal.environment['PERDURE_DEBUG'] ?? '') !== ''
  if (debug && error instanceof Error) terminal.message(error.stack ?? String(error))
  else if (told.code === 'Unexpected') terminal.message('  set PERDURE_DEBUG=1 to see where it came from')
  if (options.json) {
    const { exitCode: _, lines: __, ...shown } = told
    terminal.answerJson({ error: shown })
  }
  return told.exitCode
}

/** What is told of an error, whatever threw it. */
interface Told {
  readonly code: string
  readonly message: string
  readonly suggestion?: string
  readonly problems?: readonly Problem[]
  /** For people. */
  readonly lines: readonly string[]
  readonly exitCode: ExitCode
}

function toTold(error: unknown): Told {
  if (error instanceof SettingsError) {
    const lines = error.problems.map(({ place, message, suggestion }) =>
      suggestion === undefined ? `${place}: ${message}` : `${place}: ${message}; ${suggestion}`,
    )
    return { code: 'SettingsInvalid', message: error.message, lines, exitCode: exitCodes.invalid }
  }
  if (!(error instanceof Error)) return { ...unexpected(String(error)) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  if (setupErrorNames.has(error.name)) return told(code, error.message, exitCodes.invalid, error)
  if (error instanceof CliFailure) return told(code, error.message, error.exitCode, error)
  if (error.name === 'PerdureConnectionError') {
    return told('ServerUnreachable', error.message, exitCodes.failed, error)
  }
  if (error.name === 'StorageUnavailableError') {
    const hint = { suggestion: 'check that the database runs, and its URL: `perdure config` shows it' }
    return told('Unavailable', `the database: ${error.message}`, exitCodes.failed, Object.assign(error, hint))
  }
  if (error.name === 'StorageSetupError') return told('StoreUnusable', error.message, exitCodes.failed, error)
  if (error.name === 'EngineError') {
    return told(code, error.message, handedIn.has(code) ? exitCodes.invalid : exitCodes.failed, error)
  }
  if (error.name === 'PerdureApiError') {
    const exitCode = code === 'DefinitionInvalid' ? exitCodes.invalid : exitCodes.failed
    const detail = 'detail' in error && typeof error.detail === 'string' ? error.detail : error.message
    return told(code, detail, exitCode, error)
  }
  return unexpected(error.message === '' ? error.name : error.message)
}

function told(code: string, message: string, exitCode: ExitCode, error: Error): Told {
  // Of a server's settings the message holds it already.
  const separate = 'suggestion' in error && error.name !== 'ServerSettingsError'
  const suggestion = separate && typeof error.suggestion === 'string' ? error.suggestion : null
  const problems: readonly Problem[] =
    'problems' in error && Array.isArray(error.problems) ? error.problems : []
  const faults: readonly RequestFault[] = 'errors' in error && Array.isArray(error.errors) ? error.errors : []
  return {
    code,
    message,
    ...(suggestion === null ? {} : { suggestion }),
    ...(problems.length === 0 ? {} : { problems }),
    lines: [
      `${message} (${code})`,
      ...faults.map(
        (fault) => `${fault.in}${fault.pointer === '' ? '' : ` ${fault.pointer}`}: ${fault.message}`,
      ),
    ],
    exitCode,
  }
}

function unexpected(message: string): Told {
  return { code: 'Unexpected', message, lines: [message], exitCode: exitCodes.failed }
}

/** Modules, plugins and settings that this process cannot start with; told apart by name, since loading their classes loads all. */
const setupErrorNames: ReadonlySet<string> = new Set(['ActivitySetupError', 'ServerSettingsError'])

/** Refusals of an engine in this process that are about what the user handed in, not about what became of it. */
const handedIn: ReadonlySet<string> = new Set([
  'DefinitionInvalid',
  'DefinitionConflict',
  'InputInvalid',
  'RequestInvalid',
  'LimitExceeded',
  'NotSupported',
])
