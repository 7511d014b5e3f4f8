/** `perdure show ID`: one execution in full. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { addExecution, type ExecutionOptions } from '../execution-options.ts'
import { exitCodes } from '../failure.ts'
import { descriptionLines } from '../presentation/description.ts'
import { connect } from '../server-client.ts'

export function addShow(program: Command, line: CommandLine): void {
  const command = addExecution(program.command('show').summary('show one execution'))
  command.action(
    ending(line, async (id: string, options: ExecutionOptions) => {
      const { terminal } = line
      const description = await (await connect(command, line)).handle(id, options.runId).describe()
      if (options.json) terminal.answerJson(description)
      else terminal.answer(descriptionLines(description, terminal.answerColours))
      return exitCodes.success
    }),
  )
}
