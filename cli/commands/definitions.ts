/** `perdure definitions [NAME]`: what is deployed. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { notEmpty } from '../execution-options.ts'
import { exitCodes } from '../failure.ts'
import { addServerOptions, connect } from '../server-client.ts'
import { table } from '../terminal/table.ts'

export function addDefinitions(program: Command, line: CommandLine): void {
  const command = program
    .command('definitions')
    .summary('list what is deployed')
    .argument('[NAME]', 'the versions of this definition alone', notEmpty)
  addServerOptions(command).action(
    ending(line, async (name: string | undefined, options: { readonly json?: true }) => {
      const { terminal } = line
      const items = await (await connect(command, line)).definitions(name)
      if (options.json) terminal.answerJson({ items })
      else if (items.length === 0) terminal.message('nothing is deployed: `perdure deploy PATH`')
      else {
        const rows = items.map((item) => [
          item.name,
          item.version,
          item.deployedAt,
          item.digest.slice(0, 12),
          item.deprecated ? 'deprecated' : '',
        ])
        terminal.answer(
          table(['NAME', 'VERSION', 'DEPLOYED', 'DIGEST', ''], rows, terminal.answerColours.faint),
        )
      }
      return exitCodes.success
    }),
  )
}
