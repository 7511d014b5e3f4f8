/** Commands of the contract that do nothing yet: each says so and exits 2. Owns the table. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { CliFailure } from '../failure.ts'

const planned: { readonly [name: string]: string } = {
  diff: 'what changed between two versions of a document',
  types: 'TypeScript types for inputs, results, signals and queries',
  init: 'a new project',
  worker: 'a remote activity worker',
  rollout: 'which version new starts get',
  migrate: 'move running executions to another version',
  reset: 'run an execution again from an event or a step',
  schedule: 'start workflows by time',
  tasks: 'human tasks',
  batch: 'operations on many executions',
  dev: 'serve with an in-memory store and --watch',
}

export function addNotSupported(program: Command, line: CommandLine): void {
  program.commandsGroup('Not supported yet:')
  for (const [name, purpose] of Object.entries(planned)) {
    program
      .command(name)
      .summary(purpose)
      .description(`${purpose} (not supported yet)`)
      .argument('[anything...]')
      .allowUnknownOption()
      .option('--json', 'print one JSON value on standard output')
      .action(
        ending(line, async () => {
          throw new CliFailure('NotSupported', `perdure ${name} is not supported yet`, {
            suggestion: '`perdure --help` lists the commands that are',
          })
        }),
      )
  }
}
