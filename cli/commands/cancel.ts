/** `perdure cancel ID`: asks an execution to stop; its cleaning up and undoing still run. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { addExecution, type ExecutionOptions } from '../execution-options.ts'
import { exitCodes } from '../failure.ts'
import { connect } from '../server-client.ts'

export function addCancel(program: Command, line: CommandLine): void {
  const command = addExecution(
    program.command('cancel').summary('ask an execution to stop and clean up'),
  ).option('--reason <TEXT>', 'kept in the history')
  command.action(
    ending(line, async (id: string, options: ExecutionOptions & { readonly reason?: string }) => {
      const { terminal } = line
      await (await connect(command, line)).handle(id, options.runId).cancel(options.reason)
      if (options.json) terminal.answerJson({ accepted: true })
      else terminal.message(`${id} is asked to stop; \`perdure result ${id}\` waits for it`)
      return exitCodes.success
    }),
  )
}
