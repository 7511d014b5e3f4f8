/** `perdure query ID NAME`: reads from an execution, also a closed one, without changing it. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { addMessage, type ExecutionOptions, type InputOptions } from '../execution-options.ts'
import { exitCodes } from '../failure.ts'
import { readInputOptions } from '../input.ts'
import { connect } from '../server-client.ts'

export function addQuery(program: Command, line: CommandLine): void {
  const command = addMessage(program.command('query').summary('ask an execution, without changing it'))
  command.action(
    ending(line, async (id: string, name: string, options: ExecutionOptions & InputOptions) => {
      const { terminal } = line
      const input = await readInputOptions(options, terminal)
      const value = await (await connect(command, line)).handle(id, options.runId).query(name, input)
      terminal.answerJson(value, !options.json)
      return exitCodes.success
    }),
  )
}
