/** `perdure list`: executions, newest first. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { CliFailure, exitCodes } from '../failure.ts'
import { paintStatus } from '../presentation/description.ts'
import { addServerOptions, connect } from '../server-client.ts'
import { table } from '../terminal/table.ts'

interface ListOptions {
  readonly query?: string
  readonly limit: string
  readonly cursor?: string
  readonly json?: true
}

export function addList(program: Command, line: CommandLine): void {
  const command = program
    .command('list')
    .summary('list executions')
    .option('--query <Q>', 'only those that match')
    .option('--limit <N>', 'at most so many', '50')
    .option('--cursor <CURSOR>', 'go on after a page')
  addServerOptions(command).action(
    ending(line, async (options: ListOptions) => {
      const { terminal } = line
      if (!/^[1-9]\d*$/.test(options.limit)) {
        throw new CliFailure('UsageInvalid', `--limit ${options.limit} is not a number from 1`)
      }
      const page = await (await connect(command, line)).list({
        limit: Number(options.limit),
        ...(options.query === undefined ? {} : { query: options.query }),
        ...(options.cursor === undefined ? {} : { cursor: options.cursor }),
      })
      if (options.json) {
        terminal.answerJson(page)
        return exitCodes.success
      }
      const { answerColours: colours } = terminal
      const rows = page.items.map((item) => [
        item.workflowId,
        `${item.workflow}@${item.version}`,
        paintStatus(item.status, colours),
        item.startedAt,
        item.closedAt ?? '',
      ])
      if (rows.length === 0) terminal.message('there is no execution')
      else terminal.answer(table(['ID', 'WORKFLOW', 'STATUS', 'STARTED', 'CLOSED'], rows, colours.faint))
      if (page.cursor !== null) terminal.message(`there are more: --cursor ${page.cursor}`)
      return exitCodes.success
    }),
  )
}
