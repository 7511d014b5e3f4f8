/**
 * What `perdure run` does: checks the document, opens an engine in this process, starts or takes up the execution,
 * shows it, and tells how it ended. Owns the order of these; each part has its own file.
 */
import { randomUUID } from 'node:crypto'
import type { CommandLine } from '../command-line.ts'
import type { RunOptions } from '../commands/run.ts'
import { readDocument } from '../document-files.ts'
import type { Engine, ExecutionDescription, ExecutionRef, Outcome } from '../engine-types.ts'
import { CliFailure, type ExitCode } from '../failure.ts'
import { readInputOptions } from '../input.ts'
import { tellOutcome } from '../presentation/outcome.ts'
import type { EffectiveSettings } from '../settings/resolve.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { CheckedDocument } from './checked-document.ts'
import { checkFamily } from './child-documents.ts'
import { followRun } from './follow-run.ts'
import { openEngine } from './open-engine.ts'
import { Progress } from './progress.ts'
import { RunFamily } from './run-family.ts'
import { runLog } from './run-log.ts'
import { chooseStore, type StoreChoice, showStore } from './store-choice.ts'
import { advice, tellLeft, tellLeftChildren, tellMissing, tellStart, tellSummary } from './telling.ts'
import { waitForEnd } from './wait-for-end.ts'

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
      return tellLeft(file, ref, store, terminal, options.json === true)
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

/** Where the step that failed stands, as editors take it. */
function placeOf(outcome: Outcome, document: CheckedDocument): string | null {
  if (!('error' in outcome) || outcome.error.step === null) return null
  const line = document.lineOf(outcome.error.step)
  return line === null ? null : `${document.file}:${line}`
}
