/** `perdure terminate ID`: ends an execution at once. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { addExecution, type ExecutionOptions } from '../execution-options.ts'
import { exitCodes } from '../failure.ts'
import { connect } from '../server-client.ts'

export function addTerminate(program: Command, line: CommandLine): void {
  const command = addExecution(
    program.command('terminate').summary('end an execution at once; nothing is undone'),
  ).option('--reason <TEXT>', 'kept in the history')
  command.action(
    ending(line, async (id: string, options: ExecutionOptions & { readonly reason?: string }) => {
      const { terminal } = line
      await (await connect(command, line)).handle(id, options.runId).terminate(options.reason)
      if (options.json) terminal.answerJson({ accepted: true })
      else terminal.message(`${id} is terminated`)
      return exitCodes.success
    }),
  )
}
