/** `perdure deliveries`: events of `emit` on their way to a sink, and those that it did not take. */
import { type Command, Option } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { notEmpty } from '../execution-options.ts'
import { CliFailure, exitCodes } from '../failure.ts'
import { addServerOptions, connect } from '../server-client.ts'
import { table } from '../terminal/table.ts'

interface DeliveriesOptions {
  readonly state?: 'pending' | 'dead'
  readonly sink?: string
  readonly limit: string
  readonly cursor?: string
  readonly json?: true
}

export function addDeliveries(program: Command, line: CommandLine): void {
  const command = program
    .command('deliveries')
    .summary('list events that are on their way to a sink, or dead')
    .addOption(new Option('--state <STATE>', 'only these').choices(['pending', 'dead']))
    .option('--sink <NAME>', 'only those of this sink', notEmpty)
    .option('--limit <N>', 'at most so many', '50')
    .option('--cursor <CURSOR>', 'go on after a page')
  addServerOptions(command).action(
    ending(line, async ({ json, limit, ...filter }: DeliveriesOptions) => {
      const { terminal } = line
      if (!/^[1-9]\d*$/.test(limit))
        throw new CliFailure('UsageInvalid', `--limit ${limit} is not a number from 1`)
      const { state, sink, cursor } = filter
      const page = await (await connect(command, line)).deliveries({
        limit: Number(limit),
        ...(state === undefined ? {} : { state }),
        ...(sink === undefined ? {} : { sink }),
        ...(cursor === undefined ? {} : { cursor }),
      })
      if (json) {
        terminal.answerJson(page)
        return exitCodes.success
      }
      const { answerColours: colours } = terminal
      const rows = page.items.map((item) => [
        item.deliveryId,
        item.sink,
        item.state === 'dead' ? colours.bad(item.state) : item.state,
        String(item.attempts),
        item.dueAt,
        item.lastError ?? '',
      ])
      if (rows.length === 0) terminal.message('there is no event on its way')
      else
        terminal.answer(table(['ID', 'SINK', 'STATE', 'ATTEMPTS', 'DUE', 'LAST ERROR'], rows, colours.faint))
      if (page.cursor !== null) terminal.message(`there are more: --cursor ${page.cursor}`)
      return exitCodes.success
    }),
  )
}
