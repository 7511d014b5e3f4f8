/** `perdure resume ID`: lets a paused execution go on. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { addExecution, type ExecutionOptions } from '../execution-options.ts'
import { exitCodes } from '../failure.ts'
import { connect } from '../server-client.ts'

interface ResumeOptions extends ExecutionOptions {
  readonly skip?: true
  readonly reason?: string
}

export function addResume(program: Command, line: CommandLine): void {
  const command = addExecution(
    program
      .command('resume')
      .summary('let a paused execution go on')
      .description(
        'Lets a paused execution go on. Where a saga paused because a step could not be undone, it is tried again; with --skip it is left as it is, and the others are undone.',
      ),
  )
    .option('--skip', 'leave what could not be undone')
    .option('--reason <TEXT>', 'kept in the history')
  command.action(
    ending(line, async (id: string, { runId, json, skip, reason }: ResumeOptions) => {
      const { terminal } = line
      await (await connect(command, line)).handle(id, runId).resume({
        ...(skip === undefined ? {} : { skip }),
        ...(reason === undefined ? {} : { reason }),
      })
      if (json) terminal.answerJson({ accepted: true })
      else terminal.message(`${id} goes on`)
      return exitCodes.success
    }),
  )
}
