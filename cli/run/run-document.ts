/**
 * What `perdure run` does: checks the document, opens an engine in this process, starts or takes up the execution,
 * shows it, and tells how it ended. Owns the order of these and what Ctrl-C means; each part has its own file.
 */
import { randomUUID } from 'node:crypto'
import type { CommandLine } from '../command-line.ts'
import type { RunOptions } from '../commands/run.ts'
import { readDocument } from '../document-files.ts'
import type { Engine, ExecutionDescription, ExecutionRef, Outcome } from '../engine-types.ts'
import { CliFailure, type ExitCode, exitCodes } from '../failure.ts'
import { readInputOptions } from '../input.ts'
import { tellOutcome } from '../presentation/outcome.ts'
import { showDuration } from '../settings/durations.ts'
import type { EffectiveSettings } from '../settings/resolve.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { CheckedDocument } from './checked-document.ts'
import { checkFamily, type DocumentFamily } from './child-documents.ts'
import { followRun } from './follow-run.ts'
import { onInterruption } from './interruption.ts'
import { openEngine } from './open-engine.ts'
import { Progress } from './progress.ts'
import { RunFamily } from './run-family.ts'
import { runLog } from './run-log.ts'
import { chooseStore, type StoreChoice, showStore, storeFlag } from './store-choice.ts'

export async function runDocument(
  file: string,
  options: RunOptions,
  settings: EffectiveSettings,
  line: CommandLine,
): Promise<ExitCode> {
  const { terminal } = line
  const store = chooseStore(settings, terminal.directory, { unnamed: 'memory' })
  if (options.skipTime && store.kind !== 'memory') {
    throw new CliFailure('UsageInvalid', '--skip-time works in memory alone', {
      suggestion: 'leave out --skip-time, or the data directory or database',
    })
  }
  const input = await readInputOptions(options, terminal)
  const {
    root: document,
    others,
    missing,
  } = await checkFamily(readDocument(file, terminal.directory), {
    limits: settings.limits(),
    definitions: settings.get('definitions'),
    terminal,
  })
  if (store.kind === 'memory') tellMissing(missing, terminal)
  const documents = [document, ...others]
  line.onStrayError = (error) => {
    const reason = error instanceof Error ? error.message : String(error)
    terminal.message(`${terminal.messageColours.notice('warning')}: an error that nobody awaited: ${reason}`)
  }
  const ref = { namespace: 'default', workflowId: options.id ?? randomUUID() }
  const family = new RunFamily(ref.workflowId)
  const opened = await openEngine({
    store,
    settings,
    terminal,
    skipTime: options.skipTime === true,
    unregistered: 'fail',
    log: runLog(terminal),
    ...(store.kind === 'memory' ? {} : { own: family }),
  })
  try {
    const follower = followRun(opened.engine, ref, family)
    await opened.engine.start()
    for (const one of documents) await deploy(opened.engine, one, store)
    const existing = store.kind === 'memory' ? null : await describeOrNull(opened.engine, ref)
    if (existing !== null) refuseOtherWorkflow(existing, document)
    if (existing !== null && existing.status !== 'running' && !follower.moved)
      return tellClosed(opened.engine, ref, existing, terminal, options)
    if (existing === null) {
      await opened.engine.startExecution({
        ...ref,
        workflow: document.name,
        version: document.version,
        ...(input === undefined ? {} : { input }),
      })
    }
    const progress = new Progress(
      terminal,
      { describe: (run) => opened.engine.describe({ ...ref, ...run }) },
      advice(store, ref),
    )
    const recalled = existing === null ? 0 : await follower.recall(progress)
    const inputGiven = input !== undefined
    tellStart({ existing, recalled, document, others, store, ref, inputGiven }, terminal)
    follower.attach(progress)
    const ending = await waitForEnd(opened.engine, ref, store, follower.closed, terminal)
    progress.stop()
    if (ending.kind === 'left') {
      await opened.stop()
      return tellLeft(file, ref, store, terminal, options)
    }
    tellSummary(progress, ending.closedAtMs, terminal)
    tellLeftChildren(family, store, terminal)
    const outcome = await opened.engine.result(ref)
    const { version } = await opened.engine.describe(ref)
    const ran = documents.find((one) => one.name === document.name && one.version === version)
    return tellOutcome(outcome, terminal, {
      json: options.json === true,
      place: ran === undefined ? null : placeOf(outcome, ran),
    })
  } finally {
    await opened.stop()
  }
}

/** Content that was run under this version before may not change: a run stays on what it began with. */
async function deploy(engine: Engine, document: CheckedDocument, store: StoreChoice): Promise<void> {
  try {
    await engine.deploy({
      namespace: 'default',
      source: document.source,
      format: document.format,
      file: document.file,
    })
  } catch (error) {
    const conflict = error instanceof Error && 'code' in error && error.code === 'DefinitionConflict'
    if (!conflict || store.kind === 'memory') throw error
    throw new CliFailure(
      'DefinitionConflict',
      `${document.file}: another content is known as ${document.name}@${document.version} ${showStore(store)}`,
      { suggestion: 'raise `version` in the document, or keep executions elsewhere' },
    )
  }
}

async function describeOrNull(engine: Engine, ref: ExecutionRef): Promise<ExecutionDescription | null> {
  try {
    return await engine.describe(ref)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ExecutionNotFound') return null
    throw error
  }
}

function refuseOtherWorkflow(existing: ExecutionDescription, document: CheckedDocument): void {
  if (existing.workflow === document.name) return
  throw new CliFailure(
    'WorkflowAlreadyRunning',
    `the id ${existing.workflowId} belongs to an execution of ${existing.workflow}@${existing.version}, not of ${document.name}`,
    { suggestion: 'choose another --id' },
  )
}

async function tellClosed(
  engine: Engine,
  ref: ExecutionRef,
  existing: ExecutionDescription,
  terminal: Terminal,
  options: RunOptions,
): Promise<ExitCode> {
  terminal.message(
    `${ref.workflowId} is closed since ${existing.closedAt}: this is how it ended (another --id runs it again)`,
  )
  return tellOutcome(await engine.result(ref), terminal, { json: options.json === true })
}

function tellStart(
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
function advice(store: StoreChoice, ref: ExecutionRef): string {
  return store.kind === 'memory'
    ? 'nothing can send a signal to a run in memory, or resume it: use `perdure serve` and `perdure signal`, or a scenario (`perdure test`); Ctrl-C cancels it'
    : `Ctrl-C leaves it; then \`perdure serve ${storeFlag(store)}\` and \`perdure signal ${ref.workflowId} NAME\` send it one`
}

/** Any time will do: nothing happens then. */
const aliveMs = 60_000

type Ending = { readonly kind: 'closed'; readonly closedAtMs: number } | { readonly kind: 'left' }

async function waitForEnd(
  engine: Engine,
  ref: ExecutionRef,
  store: StoreChoice,
  closed: Promise<number>,
  terminal: Terminal,
): Promise<Ending> {
  const interruption = onInterruption()
  // A run that waits for a signal holds nothing open by itself, and the process would end under it.
  const alive = setInterval(() => undefined, aliveMs)
  try {
    const end = closed.then((closedAtMs): Ending => ({ kind: 'closed', closedAtMs }))
    const first = await Promise.race([end, interruption.asked])
    if (typeof first === 'object') return first
    if (store.kind !== 'memory') {
      terminal.message('stopping; once more ends it at once')
      return { kind: 'left' }
    }
    await endEarly(engine, ref, terminal)
    return await end
  } finally {
    clearInterval(alive)
    interruption.release()
  }
}

/** A saga that paused tries again on a cancel, and nobody can resume it here. */
async function endEarly(engine: Engine, ref: ExecutionRef, terminal: Terminal): Promise<void> {
  try {
    const { paused } = await engine.describe(ref)
    const isStuck = paused !== null && paused.step !== null
    terminal.message(isStuck ? 'it is paused: ending it' : 'canceling; once more ends it at once')
    if (isStuck) await engine.terminate(ref, 'interrupted while it was paused')
    else await engine.cancel(ref, 'interrupted')
  } catch (error) {
    // It closed in the meantime.
    if (!(error instanceof Error && 'code' in error && error.code === 'ExecutionClosed')) throw error
  }
}

function tellLeft(
  file: string,
  ref: ExecutionRef,
  store: StoreChoice,
  terminal: Terminal,
  options: RunOptions,
): ExitCode {
  const where = store.kind === 'memory' ? '' : ` ${storeFlag(store)}`
  terminal.message(
    `${ref.workflowId} is left as it stands; \`perdure run ${file} --id ${ref.workflowId}${where}\` goes on with it`,
  )
  if (options.json) terminal.answerJson({ workflowId: ref.workflowId, status: 'running' })
  return exitCodes.interrupted
}

function tellSummary(progress: Progress, closedAtMs: number, terminal: Terminal): void {
  const { startedAtMs, attempts, retries } = progress
  const took = startedAtMs === null ? '' : ` in ${showDuration(Math.max(0, closedAtMs - startedAtMs))}`
  const counted = `${attempts} activity ${attempts === 1 ? 'attempt' : 'attempts'}`
  const retried = retries === 0 ? '' : `, ${retries} of them after a failure`
  terminal.message(terminal.messageColours.faint(`closed${took}; ${counted}${retried}`))
}

/** In memory nothing can be deployed beside it, so a step that starts one of these cannot do so. */
function tellMissing(missing: DocumentFamily['missing'], terminal: Terminal): void {
  for (const { name, step } of missing)
    terminal.message(
      `${terminal.messageColours.notice('warning')}: no document ${name} is beside it or below --definitions, so step ${step} will fail with WorkflowNotFound`,
    )
}

/** Those that it let go of. */
function tellLeftChildren({ openChildren }: RunFamily, store: StoreChoice, terminal: Terminal): void {
  if (openChildren.length === 0) return
  const shown = openChildren.slice(0, 3).map(({ workflowId }) => workflowId)
  const names = openChildren.length > shown.length ? [...shown, '…'].join(', ') : shown.join(', ')
  terminal.message(
    store.kind === 'memory'
      ? `still running, and ended with this process since all is in memory: ${names}`
      : `still running: ${names}; \`perdure serve ${storeFlag(store)}\` goes on with what is left`,
  )
}

/** Where the step that failed stands, as editors take it. */
function placeOf(outcome: Outcome, document: CheckedDocument): string | null {
  if (!('error' in outcome) || outcome.error.step === null) return null
  const line = document.lineOf(outcome.error.step)
  return line === null ? null : `${document.file}:${line}`
}
