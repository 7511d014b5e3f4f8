/** `perdure result ID`: waits for the end of an execution and prints its result. */
import type { Command } from 'commander'
import type { WorkflowHandle } from '../../client/index.ts'
import { type CommandLine, ending } from '../command-line.ts'
import { addExecution, type ExecutionOptions } from '../execution-options.ts'
import type { ExitCode } from '../failure.ts'
import { tellOutcome } from '../presentation/outcome.ts'
import { connect } from '../server-client.ts'
import type { Terminal } from '../terminal/terminal.ts'

export function addResult(program: Command, line: CommandLine): void {
  const command = program.command('result').summary('wait for the end of an execution and print its result')
  addExecution(command).action(
    ending(line, async (id: string, options: ExecutionOptions) =>
      waitForOutcome((await connect(command, line)).handle(id, options.runId), line.terminal, options),
    ),
  )
}

/** One long poll; the server may answer sooner. */
const waitMs = 30_000

export async function waitForOutcome(
  handle: WorkflowHandle,
  terminal: Terminal,
  options: { readonly json?: true },
): Promise<ExitCode> {
  for (;;) {
    const outcome = await handle.outcome({ waitMs })
    if (outcome.status !== 'running') return tellOutcome(outcome, terminal, { json: options.json === true })
  }
}
