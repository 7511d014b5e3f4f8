/**
 * The entry of `perdure`. Owns the process: arguments in, exit code out, and that no error ends as a stack trace.
 */
import { CommanderError } from 'commander'
import { separateModules } from './arguments.ts'
import type { CommandLine } from './command-line.ts'
import { type ExitCode, exitCodes, tellFailure } from './failure.ts'
import { createProgram } from './program.ts'
import { processTerminal } from './terminal/terminal.ts'

const terminal = processTerminal()
const args = separateModules(process.argv.slice(2))
const json = args.slice(0, Math.max(args.indexOf('--'), 0) || undefined).includes('--json')

const line: CommandLine = { terminal, exitCode: exitCodes.success }

const onStrayError = (error: unknown) => {
  if (line.onStrayError) line.onStrayError(error)
  else tellFailure(error, terminal, { json }).then((code) => process.exit(code))
}
process.on('uncaughtException', onStrayError)
process.on('unhandledRejection', onStrayError)

process.exit(await main())

async function main(): Promise<ExitCode> {
  try {
    await createProgram(line).parseAsync(args, { from: 'user' })
    return line.exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) return tellFailure(error, terminal, { json })
    // The parser has written its own message.
    if (error.exitCode === 0) return exitCodes.success
    if (json) terminal.answerJson({ error: { code: 'UsageInvalid', message: error.message } })
    return exitCodes.invalid
  }
}
