/** `perdure run FILE`: the options. What they do is `run/run-document.ts`, loaded when it runs. */
import type { Command } from 'commander'
import {
  addJson,
  addSettings,
  type CommandLine,
  effectiveSettings,
  ending,
  limitSettings,
} from '../command-line.ts'
import { addInput, type InputOptions, notEmpty } from '../execution-options.ts'

export interface RunOptions extends InputOptions {
  readonly skipTime?: true
  readonly id?: string
  readonly json?: true
}

export function addRun(program: Command, line: CommandLine): void {
  const command = program
    .command('run')
    .summary('run one document to its end in this process')
    .description(
      'Runs one document to its end in this process, shows progress on standard error and prints the result. In memory, or durable with --data-dir or --database-url: killed and run again with the same --id, it goes on where it stood. Documents that it starts as children (`workflow: name`), and other versions that it continues as, are taken from the folder of the document and from --definitions; all runs of a chain are followed to the last. Exits 0 when it completed, 1 when it failed, 2 when the document or its input is not valid.',
    )
    .argument('<FILE>', 'the document')
  addInput(command)
    .option('--skip-time', 'timers and pauses take no time (in memory alone)')
    .option('--id <ID>', 'the workflow id (default: a new one)', notEmpty)
  addJson(
    addSettings(
      command,
      ['activities', 'definitions', 'dataDir', 'databaseUrl'],
      [
        'plugins',
        'eventSinks',
        'poolSize',
        'maxConcurrentActivities',
        'shutdownGrace',
        'logLevel',
        ...limitSettings,
      ],
      {
        dataDir: 'keep the run in an embedded database (PGlite) in this directory',
        databaseUrl: 'keep the run in this PostgreSQL database',
      },
    ),
  ).action(
    ending(line, async (file: string, options: RunOptions) => {
      const settings = await effectiveSettings(command, line)
      const { runDocument } = await import('../run/run-document.ts')
      return runDocument(file, options, settings, line)
    }),
  )
}
