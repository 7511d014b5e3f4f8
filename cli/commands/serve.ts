/** `perdure serve`: the options. What they do is `serve/serve.ts`, loaded when it runs. */
import type { Command } from 'commander'
import { addSettings, type CommandLine, effectiveSettings, ending } from '../command-line.ts'
import { type SettingKey, settings } from '../settings/catalogue.ts'

const shown = [
  'port',
  'host',
  'databaseUrl',
  'dataDir',
  'definitions',
  'activities',
  'logLevel',
] as const satisfies readonly SettingKey[]
/** Those of the commands that talk to a server mean nothing here. */
const ofClients: readonly SettingKey[] = ['server', 'apiKey']

export interface ServeOptions {
  readonly watch?: true
}

export function addServe(program: Command, line: CommandLine): void {
  const command = program
    .command('serve')
    .summary('server, engine and activities in one process')
    .description(
      'Runs server, engine and activities in one process, on PostgreSQL, or on the embedded PGlite in the data directory when no database is named. Every setting has a flag; `perdure config` lists them all.',
    )
    .option('--watch', 'deploy definitions again when they change')
  const others = [...settings.keys()].filter(
    (key) => !ofClients.includes(key) && !shown.some((known) => known === key),
  )
  addSettings(command, shown, others).action(
    ending(line, async (options: ServeOptions) => {
      const effective = await effectiveSettings(command, line)
      const { serve } = await import('../serve/serve.ts')
      return serve(options, effective, line)
    }),
  )
}
