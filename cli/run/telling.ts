/** What `run` says beside its progress and its result. Owns the words; when each is said is `run-document.ts`, its caller. */
import type { ExecutionDescription, ExecutionRef } from '../engine-types.ts'
import { type ExitCode, exitCodes } from '../failure.ts'
import { showDuration } from '../settings/durations.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { CheckedDocument } from './checked-document.ts'
import type { DocumentFamily } from './child-documents.ts'
import type { Progress } from './progress.ts'
import type { RunFamily } from './run-family.ts'
import { type StoreChoice, showStore, storeFlag } from './store-choice.ts'

/** In memory nothing can be deployed beside it, so a step that starts one of these cannot do so. */
export function tellMissing(missing: DocumentFamily['missing'], terminal: Terminal): void {
  for (const { name, step } of missing)
    terminal.message(
      `${terminal.messageColours.notice('warning')}: no document ${name} is beside it or below --definitions, so step ${step} will fail with WorkflowNotFound`,
    )
}

export function tellStart(
  start: {
    readonly existing: ExecutionDescription | null
    /** Events of earlier processes. */
    readonly recalled: number
    readonly document: CheckedDocument
    readonly others: readonly CheckedDocument[]
    readonly store: StoreChoice
    readonly ref: ExecutionRef
    readonly inputGiven: boolean
  },
  terminal: Terminal,
): void {
  const { existing, recalled, document, others, store, ref, inputGiven } = start
  const { messageColours: colours } = terminal
  const head = `${colours.strong(`${document.name}@${existing?.version ?? document.version}`)}  id ${ref.workflowId}, ${showStore(store)}`
  terminal.message(
    existing === null
      ? head
      : `${head}: goes on where it stood, after ${recalled} ${recalled === 1 ? 'event' : 'events'}`,
  )
  for (const { name, version, file } of others)
    terminal.message(colours.faint(`  with ${name}@${version}  ${file}`))
  if (existing === null) return
  if (existing.version !== document.version) {
    terminal.message(
      `  it stays on version ${existing.version}, with which it was started; the file has ${document.version}`,
    )
  }
  if (inputGiven) terminal.message('  it keeps the input that it was started with')
}

/** How a message could come to a run that waits for nothing else. */
export function advice(store: StoreChoice, ref: ExecutionRef): string {
  return store.kind === 'memory'
    ? 'nothing can send a signal to a run in memory, or resume it: use `perdure serve` and `perdure signal`, or a scenario (`perdure test`); Ctrl-C cancels it'
    : `Ctrl-C leaves it; then \`perdure serve ${storeFlag(store)}\` and \`perdure signal ${ref.workflowId} NAME\` send it one`
}

export function tellSummary(progress: Progress, closedAtMs: number, terminal: Terminal): void {
  const { startedAtMs, attempts, retries } = progress
  const took = startedAtMs === null ? '' : ` in ${showDuration(Math.max(0, closedAtMs - startedAtMs))}`
  const counted = `${attempts} activity ${attempts === 1 ? 'attempt' : 'attempts'}`
  const retried = retries === 0 ? '' : `, ${retries} of them after a failure`
  terminal.message(terminal.messageColours.faint(`closed${took}; ${counted}${retried}`))
}

/** Those that it let go of. */
export function tellLeftChildren({ openChildren }: RunFamily, store: StoreChoice, terminal: Terminal): void {
  if (openChildren.length === 0) return
  const shown = openChildren.slice(0, 3).map(({ workflowId }) => workflowId)
  const names = openChildren.length > shown.length ? [...shown, '…'].join(', ') : shown.join(', ')
  terminal.message(
    store.kind === 'memory'
      ? `still running, and ended with this process since all is in memory: ${names}`
      : `still running: ${names}; \`perdure serve ${storeFlag(store)}\` goes on with what is left`,
  )
}

export function tellLeft(
  file: string,
  ref: ExecutionRef,
  store: StoreChoice,
  terminal: Terminal,
  isJson: boolean,
): ExitCode {
  const where = store.kind === 'memory' ? '' : ` ${storeFlag(store)}`
  terminal.message(
    `${ref.workflowId} is left as it stands; \`perdure run ${file} --id ${ref.workflowId}${where}\` goes on with it`,
  )
  if (isJson) terminal.answerJson({ workflowId: ref.workflowId, status: 'running' })
  return exitCodes.interrupted
}
