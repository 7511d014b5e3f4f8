/** `perdure signal ID NAME`: a message without an answer, accepted when it is durable. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { addMessage, type ExecutionOptions, type InputOptions, notEmpty } from '../execution-options.ts'
import { exitCodes } from '../failure.ts'
import { readInputOptions } from '../input.ts'
import { connect } from '../server-client.ts'

type SignalOptions = ExecutionOptions & InputOptions & { readonly requestId?: string }

export function addSignal(program: Command, line: CommandLine): void {
  const command = addMessage(program.command('signal').summary('send a signal to an execution')).option(
    '--request-id <ID>',
    'the same id twice is one signal',
    notEmpty,
  )
  command.action(
    ending(line, async (id: string, name: string, options: SignalOptions) => {
      const { terminal } = line
      const input = (await readInputOptions(options, terminal)) ?? null
      const handle = (await connect(command, line)).handle(id, options.runId)
      await handle.signal(
        name,
        input,
        options.requestId === undefined ? {} : { requestId: options.requestId },
      )
      if (options.json) terminal.answerJson({ accepted: true })
      else terminal.message(`signal ${name} is accepted by ${id}`)
      return exitCodes.success
    }),
  )
}
