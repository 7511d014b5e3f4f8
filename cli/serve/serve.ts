/**
 * What `perdure serve` does: engine, definitions and server, started in this order and stopped in the reverse one.
 * Owns the order, the bound of the stop, and that an error of an activity that nobody awaited ends nothing.
 */
import type { CommandLine } from '../command-line.ts'
import type { ServeOptions } from '../commands/serve.ts'
import { findDocuments } from '../document-files.ts'
import type { Engine } from '../engine-types.ts'
import { CliFailure, type ExitCode, exitCodes } from '../failure.ts'
import { onInterruption } from '../run/interruption.ts'
import { openEngine } from '../run/open-engine.ts'
import { chooseStore, showStore } from '../run/store-choice.ts'
import type { EffectiveSettings } from '../settings/resolve.ts'
import { apiKeys } from '../settings/structures.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { Definitions } from './deploy-definitions.ts'

/** Beyond the grace: commits, hand-over, closing the store. What takes longer is cut off, which loses nothing durable. */
const stopExtraMs = 10_000

export async function serve(
  options: ServeOptions,
  settings: EffectiveSettings,
  line: CommandLine,
): Promise<ExitCode> {
  const { terminal } = line
  const interruption = onInterruption()
  const store = chooseStore(settings, terminal.directory, { unnamed: 'dataDir' })
  const { createServer } = await import('../../server/index.ts')
  const { pino } = await import('pino')
  const log = pino({ level: settings.get('logLevel') }, pino.destination(2))
  line.onStrayError = (error) => log.error({ err: error }, 'an error that nobody awaited')
  const directory = definitionsDirectory(options, settings, terminal)
  const opened = await openEngine({
    store,
    settings,
    terminal,
    skipTime: false,
    unregistered: 'wait',
    log,
  })
  const graceMs = settings.get('shutdownGrace').ms
  const stops: (() => Promise<void>)[] = [() => opened.stop(graceMs)]
  try {
    // Made before anything starts, so that settings which it refuses (keys, host) are told at once.
    const server = createServer({
      engine: opened.engine,
      host: settings.get('host'),
      port: settings.get('port'),
      keys: apiKeys(settings.get('keys')),
      allowedOrigins: settings.get('allowedOrigins') ?? [],
      limits: {
        // JSON escapes may double a value.
        bodyBytes: settings.get('bodyBytes') ?? 2 * settings.get('limits.payloadBytes'),
        bodyNesting: settings.get('bodyNesting'),
        drainNoticeMs: settings.get('drainNotice').ms,
      },
      log,
    })
    await opened.engine.start()
    const definitions = await deployDefinitions(directory, options, settings, opened.engine, terminal)
    if (definitions !== null) stops.unshift(() => definitions.stop())
    const { url } = await server.start()
    stops.unshift(() => server.stop(graceMs))
    terminal.answer(`perdure serves ${url}, ${showStore(store)}`)
    const signal = await interruption.asked
    terminal.message(`${signal}: stopping; once more ends it at once`)
  } finally {
    await stopWithin(stops, graceMs + stopExtraMs, terminal)
    interruption.release()
  }
  return exitCodes.success
}

/**
 * Null where there is nothing to deploy. A directory that somebody named and that has no document is an error, told
 * before a database is opened; under `--watch` documents may come later.
 */
function definitionsDirectory(
  options: ServeOptions,
  settings: EffectiveSettings,
  terminal: Terminal,
): string | null {
  const directory = settings.get('definitions')
  if (directory === undefined) {
    if (!options.watch) return null
    throw new CliFailure('UsageInvalid', '--watch has nothing to watch', {
      suggestion: 'name a directory: --definitions DIR',
    })
  }
  try {
    findDocuments([directory], terminal.directory)
    return directory
  } catch (error) {
    if (!(error instanceof CliFailure) || error.code !== 'NoDocument') throw error
    if (options.watch) return directory
    if (settings.source('definitions').kind === 'default') return null
    throw error
  }
}

async function deployDefinitions(
  directory: string | null,
  options: ServeOptions,
  settings: EffectiveSettings,
  engine: Engine,
  terminal: Terminal,
): Promise<Definitions | null> {
  if (directory === null) return null
  const definitions = new Definitions({ engine, directory, namespace: settings.get('namespace'), terminal })
  if (options.watch) {
    definitions.watch()
    await definitions.deployChanged()
    return definitions
  }
  const refused = await definitions.deploy()
  if (refused.length > 0) {
    throw new CliFailure('DefinitionInvalid', `not deployed: ${refused.join(', ')}`, {
      suggestion: 'correct the documents, or start without --definitions',
    })
  }
  return definitions
}

async function stopWithin(
  stops: readonly (() => Promise<void>)[],
  boundMs: number,
  terminal: Terminal,
): Promise<void> {
  const bound = setTimeout(() => {
    terminal.message(`not stopped within ${boundMs} ms: ending at once; what was under way runs again later`)
    process.exit(exitCodes.failed)
  }, boundMs)
  for (const stop of stops) {
    try {
      await stop()
    } catch (error) {
      terminal.message(`while stopping: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  clearTimeout(bound)
}
