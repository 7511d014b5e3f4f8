/**
 * The entry of `perdure`. Owns the process: arguments in, exit code out, and that no error ends as a stack trace.
 */
import type { CommandLine } from './command-line.ts'
import { asksForJson, execute } from './execute.ts'
import { exitCodes, tellFailure } from './failure.ts'
import { processTerminal } from './terminal/terminal.ts'

const terminal = processTerminal()
const args = process.argv.slice(2)
const line: CommandLine = { terminal, exitCode: exitCodes.success }

const onStrayError = (error: unknown) => {
  if (line.onStrayError) line.onStrayError(error)
  else tellFailure(error, terminal, { json: asksForJson(args) }).then((code) => process.exit(code))
}
process.on('uncaughtException', onStrayError)
process.on('unhandledRejection', onStrayError)

process.exit(await execute(args, line))
