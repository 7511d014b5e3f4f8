/**
 * The arguments and options that commands about executions share: which execution, and an input. Owns their wording.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { addServerOptions } from './server-client.ts'

/** Which execution, for commands of a server. */
export function addExecution(command: Command): Command {
  return addServerOptions(
    command
      .argument('<ID>', 'the workflow id', notEmpty)
      .option('--run-id <RUN>', 'one run of it (default: the open one, else the latest)', notEmpty),
  )
}

/** Which execution, and which of the messages that its definition declares. */
export function addMessage(command: Command): Command {
  return addInput(addExecution(command).argument('<NAME>', 'as the definition declares it', notEmpty))
}

/** `--input` and `--set`. */
export function addInput(command: Command): Command {
  return command
    .option('--input <JSON|@FILE|->', 'the input as JSON, from a file, or from standard input')
    .option(
      '--set <NAME=VALUE>',
      'one member of the input, JSON or text; NAME may have dots',
      (assignment: string, before: readonly string[] = []) => [...before, assignment],
    )
}

export interface InputOptions {
  readonly input?: string
  readonly set?: readonly string[]
}

export interface ExecutionOptions {
  readonly runId?: string
  readonly json?: true
}

export function notEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.')
  return text
}
