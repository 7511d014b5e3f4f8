/** `perdure start NAME`: a new execution on a server. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { addInput, type InputOptions, notEmpty } from '../execution-options.ts'
import { type ExitCode, exitCodes } from '../failure.ts'
import { readInputOptions } from '../input.ts'
import { addServerOptions, connect } from '../server-client.ts'
import { waitForOutcome } from './result.ts'

interface StartOptions extends InputOptions {
  readonly version?: string
  readonly id?: string
  readonly wait?: true
  readonly json?: true
}

export function addStart(program: Command, line: CommandLine): void {
  const command = program
    .command('start')
    .summary('start an execution')
    .argument('<NAME>', 'a deployed definition', notEmpty)
    .option('--version <R>', 'an exact version or a range such as ^2.1 (default: the highest stable one)')
    .option('--id <ID>', 'the workflow id (default: a new one)', notEmpty)
  addInput(command).option('--wait', 'wait for the end and print the result')
  addServerOptions(command).action(
    ending(line, (name: string, options: StartOptions) => start(name, options, command, line)),
  )
}

async function start(
  name: string,
  options: StartOptions,
  command: Command,
  line: CommandLine,
): Promise<ExitCode> {
  const { terminal } = line
  const input = await readInputOptions(options, terminal)
  const client = await connect(command, line)
  const started = await client.start(name, {
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.id === undefined ? {} : { workflowId: options.id }),
    ...(input === undefined ? {} : { input }),
  })
  const { workflowId, runId, version } = started
  if (options.wait) {
    terminal.message(`started ${name}@${version} as ${workflowId}`)
    return waitForOutcome(client, { workflowId, runId }, terminal, options)
  }
  if (options.json) terminal.answerJson({ workflowId, runId, version })
  else terminal.answer(`started ${name}@${version} as ${workflowId} (run ${runId})`)
  return exitCodes.success
}
