/** `perdure result ID`: waits for the end of an execution and prints its result. */
import type { Command } from 'commander'
import type { PerdureClient } from '../../client/index.ts'
import { type CommandLine, ending } from '../command-line.ts'
import { addExecution, type ExecutionOptions } from '../execution-options.ts'
import type { ExitCode } from '../failure.ts'
import { longPoll } from '../long-poll.ts'
import { tellOutcome } from '../presentation/outcome.ts'
import { connect } from '../server-client.ts'
import type { Terminal } from '../terminal/terminal.ts'

export function addResult(program: Command, line: CommandLine): void {
  const command = program.command('result').summary('wait for the end of an execution and print its result')
  addExecution(command).action(
    ending(line, async (id: string, options: ExecutionOptions) =>
      waitForOutcome(await connect(command, line), { workflowId: id, ...options }, line.terminal, options),
    ),
  )
}

export async function waitForOutcome(
  client: PerdureClient,
  execution: { readonly workflowId: string; readonly runId?: string },
  terminal: Terminal,
  options: { readonly json?: true },
): Promise<ExitCode> {
  let { runId } = execution
  const outcome = await longPoll(async (waiting) => {
    const asked = await client.handle(execution.workflowId, runId).outcome(waiting)
    // The run that was there when the waiting began, not one that is started after it.
    runId = asked.runId
    return asked.status === 'running' ? null : asked
  })
  return tellOutcome(outcome, terminal, { json: options.json === true })
}
