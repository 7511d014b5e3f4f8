/** `perdure redeliver ID`: an event that its sink did not take is sent again. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { notEmpty } from '../execution-options.ts'
import { exitCodes } from '../failure.ts'
import { addServerOptions, connect } from '../server-client.ts'

export function addRedeliver(program: Command, line: CommandLine): void {
  const command = program
    .command('redeliver')
    .summary('send an event again, at once and with all its attempts')
    .argument('<ID>', 'of a delivery, as `perdure deliveries` lists it', notEmpty)
  addServerOptions(command).action(
    ending(line, async (id: string, { json }: { readonly json?: true }) => {
      await (await connect(command, line)).redeliver(id)
      if (json) line.terminal.answerJson({ accepted: true })
      else line.terminal.message(`${id} is sent again`)
      return exitCodes.success
    }),
  )
}
