/** `perdure pause ID`: holds an execution until it is resumed. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { addExecution, type ExecutionOptions } from '../execution-options.ts'
import { exitCodes } from '../failure.ts'
import { connect } from '../server-client.ts'

export function addPause(program: Command, line: CommandLine): void {
  const command = addExecution(
    program
      .command('pause')
      .summary('hold an execution until it is resumed')
      .description(
        'Nothing new starts; results, timers and signals that come meanwhile take effect on the resume. The timeout of the execution still runs; cancel and terminate end the pause.',
      ),
  ).option('--reason <TEXT>', 'kept in the history and shown by why')
  command.action(
    ending(line, async (id: string, options: ExecutionOptions & { readonly reason?: string }) => {
      const { terminal } = line
      await (await connect(command, line)).handle(id, options.runId).pause(options.reason)
      if (options.json) terminal.answerJson({ accepted: true })
      else terminal.message(`${id} takes a pause; \`perdure resume ${id}\` lets it go on`)
      return exitCodes.success
    }),
  )
}
