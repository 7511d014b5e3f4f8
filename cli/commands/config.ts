/** `perdure config`: the effective settings and where each came from, secrets masked. */
import type { Command } from 'commander'
import { addJson, addSettings, type CommandLine, effectiveSettings, ending } from '../command-line.ts'
import { exitCodes } from '../failure.ts'
import { settings } from '../settings/catalogue.ts'
import { shownValue } from '../settings/show.ts'
import { table } from '../terminal/table.ts'

export function addConfig(program: Command, line: CommandLine): void {
  const command = program
    .command('config')
    .summary('print the effective settings and where each came from')
    .description(
      'Prints every setting, its value and where it came from: a flag, the environment, the settings file or the default. Secrets are masked. Takes the flag of every setting.',
    )
  addJson(addSettings(command, [], [...settings.keys()])).action(
    ending(line, async (options: { readonly json?: true }) => {
      const effective = await effectiveSettings(command, line)
      const { terminal } = line
      if (options.json) {
        const shown = Object.fromEntries(
          [...effective.entries.values()].map((entry) => [
            entry.key,
            { value: shownValue(entry), source: entry.source.kind, place: entry.source.place },
          ]),
        )
        terminal.answerJson({ file: effective.file, settings: shown })
        return exitCodes.success
      }
      const { answerColours: colours } = terminal
      const rows = [...effective.entries.values()].map((entry) => {
        const value = shownValue(entry)
        const text = value === null ? '-' : typeof value === 'string' ? value : JSON.stringify(value)
        const named = entry.source.kind !== 'default'
        return [
          entry.key,
          named ? colours.strong(text) : text,
          named ? entry.source.place : colours.faint('default'),
        ]
      })
      terminal.answer(table(['SETTING', 'VALUE', 'FROM'], rows, colours.faint))
      return exitCodes.success
    }),
  )
}
