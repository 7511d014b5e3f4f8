/**
 * How an execution ended, told and turned into an exit code. Owns both; called by `run`, `result` and `start --wait`.
 * The result alone goes to standard output, so that it can be piped; with `--json` the whole outcome does.
 */
import type { Outcome } from '../engine-types.ts'
import { type ExitCode, exitCodes } from '../failure.ts'
import { showError } from '../narration/sentence.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** `place` is where the step that failed stands in the document, such as `order.yaml:12`, where that is known. */
export function tellOutcome(
  outcome: Outcome,
  terminal: Terminal,
  options: { readonly json: boolean; readonly place?: string | null },
): ExitCode {
  if (options.json) terminal.answerJson(outcome)
  if (outcome.status === 'completed') {
    if (!options.json) terminal.answerJson(outcome.result, true)
    return exitCodes.success
  }
  if (outcome.status === 'running') {
    terminal.message(`${outcome.workflowId} is still running`)
    return exitCodes.failed
  }
  if (outcome.status === 'continuedAsNew') {
    terminal.message(`${outcome.workflowId} continued as run ${outcome.newRunId}`)
    return exitCodes.failed
  }
  const { messageColours: colours } = terminal
  const place = options.place ? `\n  in ${options.place}` : ''
  terminal.message(`${colours.bad(statusWords[outcome.status])}: ${showError(outcome.error)}${place}`)
  return exitCodes.failed
}

const statusWords: { readonly [S in Extract<Outcome, { readonly error: unknown }>['status']]: string } = {
  failed: 'failed',
  canceled: 'canceled',
  terminated: 'terminated',
  timedOut: 'timed out',
}
