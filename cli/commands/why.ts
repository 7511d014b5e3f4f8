/** `perdure why ID`: what an execution waits for. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { addExecution, type ExecutionOptions } from '../execution-options.ts'
import { exitCodes } from '../failure.ts'
import { whyLines } from '../presentation/description.ts'
import { connect } from '../server-client.ts'

export function addWhy(program: Command, line: CommandLine): void {
  const command = addExecution(program.command('why').summary('tell what an execution waits for'))
  command.action(
    ending(line, async (id: string, options: ExecutionOptions) => {
      const { terminal } = line
      const description = await (await connect(command, line)).handle(id, options.runId).describe()
      const { workflowId, runId, status, waitingFor, parked } = description
      if (options.json) terminal.answerJson({ workflowId, runId, status, waitingFor, parked })
      else terminal.answer(whyLines(description, terminal.answerColours))
      return exitCodes.success
    }),
  )
}
