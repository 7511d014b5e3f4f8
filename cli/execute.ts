/**
 * One command line from its arguments to its exit code. Owns the translation of every error into a message and a
 * code; the process around it is `main.ts`'s. Also called by the tests, many times in one process.
 */
import { CommanderError } from 'commander'
import { separateModules } from './arguments.ts'
import type { CommandLine } from './command-line.ts'
import { type ExitCode, exitCodes, tellFailure } from './failure.ts'
import { createProgram } from './program.ts'

export async function execute(given: readonly string[], line: CommandLine): Promise<ExitCode> {
  const args = separateModules(given)
  const { terminal } = line
  try {
    await createProgram(line).parseAsync(args, { from: 'user' })
    return line.exitCode
  } catch (error) {
    const json = asksForJson(args)
    if (!(error instanceof CommanderError)) return tellFailure(error, terminal, { json })
    // The parser has written its own message.
    if (error.exitCode === 0) return exitCodes.success
    if (json) {
      // As the other errors under --json: without the word that the parser writes for people.
      const message = error.message.replace(/^error: /, '')
      terminal.answerJson({ error: { code: 'UsageInvalid', message } })
    }
    return exitCodes.invalid
  }
}

/** Also where the parser gave up before it saw the flag. What follows `--` is no flag. */
export function asksForJson(args: readonly string[]): boolean {
  return args.slice(0, Math.max(args.indexOf('--'), 0) || undefined).includes('--json')
}
