/** `perdure update ID NAME`: a message with an answer, which is waited for and printed. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { addMessage, type ExecutionOptions, type InputOptions, notEmpty } from '../execution-options.ts'
import { type ExitCode, exitCodes } from '../failure.ts'
import { readInputOptions } from '../input.ts'
import { longPoll } from '../long-poll.ts'
import { showError } from '../narration/sentence.ts'
import { connect } from '../server-client.ts'

type UpdateOptions = ExecutionOptions & InputOptions & { readonly updateId?: string }

export function addUpdate(program: Command, line: CommandLine): void {
  const command = addMessage(
    program
      .command('update')
      .summary('send an update to an execution and print its answer')
      .description(
        'Sends an update and waits for its answer, which goes to standard output. Exits 1 when the update was refused or its handler failed. Killed while it waits and run again with the same --update-id, it gets the same answer: the handler runs once.',
      ),
  ).option('--update-id <ID>', 'the same id twice is one update (default: a new one)', notEmpty)
  command.action(
    ending(line, (id: string, name: string, options: UpdateOptions) =>
      update(id, name, options, command, line),
    ),
  )
}

async function update(
  id: string,
  name: string,
  options: UpdateOptions,
  command: Command,
  line: CommandLine,
): Promise<ExitCode> {
  const { terminal } = line
  const input = await readInputOptions(options, terminal)
  const handle = (await connect(command, line)).handle(id, options.runId)
  const updateId = options.updateId ?? crypto.randomUUID()
  const answer = await longPoll(async (waiting) => {
    const given = await handle.updateAnswer(name, input, { updateId, ...waiting })
    if (given.status !== 'pending') return given
    if (!waiting.patient)
      terminal.message(`${id} has not answered yet; --update-id ${updateId} asks for the same answer`)
    return null
  })
  if (options.json) terminal.answerJson(answer)
  else if (answer.status === 'completed') terminal.answerJson(answer.result, true)
  if (answer.status === 'completed') return exitCodes.success
  terminal.message(`${terminal.messageColours.bad('failed')}: update ${name}: ${showError(answer.error)}`)
  return exitCodes.failed
}
