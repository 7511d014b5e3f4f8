/**
 * The command line as a whole: which commands there are, in which groups, and what holds for all of them. Owns the
 * table; a command's options and what it does are in its file of `commands/`. These load what is heavy when they run,
 * so that `--help` and `validate` start at once. Called by `main.ts`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { CommandLine } from './command-line.ts'
import { addCancel } from './commands/cancel.ts'
import { addConfig } from './commands/config.ts'
import { addDefinitions } from './commands/definitions.ts'
import { addDeliveries } from './commands/deliveries.ts'
import { addDeploy } from './commands/deploy.ts'
import { addGraph } from './commands/graph.ts'
import { addHistory } from './commands/history.ts'
import { addList } from './commands/list.ts'
import { addNotSupported } from './commands/not-supported.ts'
import { addPause } from './commands/pause.ts'
import { addQuery } from './commands/query.ts'
import { addRedeliver } from './commands/redeliver.ts'
import { addResult } from './commands/result.ts'
import { addResume } from './commands/resume.ts'
import { addRun } from './commands/run.ts'
import { addServe } from './commands/serve.ts'
import { addShow } from './commands/show.ts'
import { addSignal } from './commands/signal.ts'
import { addStart } from './commands/start.ts'
import { addTerminate } from './commands/terminate.ts'
import { addTest } from './commands/test.ts'
import { addUpdate } from './commands/update.ts'
import { addValidate } from './commands/validate.ts'
import { addWhy } from './commands/why.ts'

type AddCommand = (program: Command, line: CommandLine) => void

const groups: readonly { readonly heading: string; readonly commands: readonly AddCommand[] }[] = [
  { heading: 'In this process:', commands: [addRun, addValidate, addTest, addGraph, addServe] },
  { heading: 'Definitions of a server:', commands: [addDeploy, addDefinitions] },
  {
    heading: 'Executions of a server:',
    commands: [
      addStart,
      addList,
      addShow,
      addHistory,
      addSignal,
      addQuery,
      addUpdate,
      addCancel,
      addTerminate,
      addPause,
      addResume,
      addResult,
      addWhy,
    ],
  },
  { heading: 'Published events of a server:', commands: [addDeliveries, addRedeliver] },
  { heading: 'Settings:', commands: [addConfig] },
]

export function createProgram(line: CommandLine): Command {
  const program = new Command('perdure')
    .description('Durable workflows as versioned YAML.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({
      writeOut: (text) => line.terminal.answer(text.replace(/\n$/, '')),
      writeErr: (text) => line.terminal.message(text.replace(/\n$/, '')),
    })
    .exitOverride()
    // `perdure start NAME --version ^2` names the version of the definition.
    .enablePositionalOptions()
  for (const { heading, commands } of groups) {
    program.commandsGroup(heading)
    for (const add of commands) add(program, line)
  }
  addNotSupported(program, line)
  return program
}

/** From source the package's file is one level up, from `dist/` two. */
function packageVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    const url = new URL(path, import.meta.url)
    if (!existsSync(url)) continue
    const { name, version }: { name?: string; version?: string } = JSON.parse(readFileSync(url, 'utf8'))
    if (name === 'perdure' && version !== undefined) return version
  }
  return '0.0.0'
}
