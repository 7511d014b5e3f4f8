/**
 * The activities of this process, ready for an engine: modules, plugins and built-ins behind one runner, with the
 * language's own checks handed in. Called by `perdure.ts`, and by the commands that run an engine in their process.
 */
import {
  type ActivityDefinition,
  type ActivityLog,
  type ActivityRunner,
  createActivityRunner,
  type PluginSections,
  prepareActivities,
} from '../../activities/index.ts'
import { parseDuration } from '../../schema/duration.ts'
import type { JsonSchema } from '../../schema/json.ts'
import type { KnownActivities, KnownActivity } from '../../schema/known-activities.ts'
import { runLimits } from '../../schema/limits.ts'
import { parseActivitySettings } from '../../schema/settings.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { Engine } from '../contract.ts'
import { resultCheck } from '../doors/value-door.ts'
import { type Log, silentLog } from '../log.ts'
import { WorkflowQueries } from './workflow-queries.ts'

export interface ProcessActivitiesOptions {
  /** Paths or packages. */
  readonly modules?: readonly string[]
  /** Activities and plugins that a program hands in: a list, or any object that holds them, such as a module. */
  readonly given?: object
  /** The `plugins` section of the settings. */
  readonly plugins?: PluginSections
  /** What module paths are relative to. Absent: the working directory. */
  readonly cwd?: string
  readonly log?: Log
  readonly clock?: Clock
  /** Attempts of this process at once. */
  readonly maxConcurrent?: number
  /** Limit of one result. */
  readonly payloadBytes?: number
  /** False: plugins stay closed and their activities unknown, for checks that must open nothing. */
  readonly openPlugins?: boolean
}

export interface ProcessActivities {
  readonly executor: ActivityRunner
  /** The engine that `workflow.query` asks; called as soon as there is one. */
  attach(engine: Pick<Engine, 'query'>): void
  /** Names and input schemas, for checks of documents. */
  readonly known: KnownActivities
  /** Rejects with the name of a plugin that is not well. */
  readonly health: () => Promise<void>
  /** Closes the plugins; after the engine has stopped. */
  readonly teardown: () => Promise<void>
}

/** Rejects with `ActivitySetupError`, which names the module or plugin; plugins already open are closed then. */
export async function openActivities(options: ProcessActivitiesOptions = {}): Promise<ProcessActivities> {
  const log = activityLog(options.log ?? silentLog)
  const queries = new WorkflowQueries()
  const prepared = await prepareActivities({
    cwd: options.cwd ?? process.cwd(),
    log,
    parseSettings: parseActivitySettings,
    builtIns: { parseDuration, queryWorkflow: queries.ask },
    ...(options.modules !== undefined && { modules: options.modules }),
    ...(options.given !== undefined && { given: options.given }),
    ...(options.plugins !== undefined && { plugins: options.plugins }),
    ...(options.openPlugins !== undefined && { openPlugins: options.openPlugins }),
  })
  const { registry, health, teardown } = prepared
  const executor = createActivityRunner({
    registry,
    clock: options.clock ?? systemClock,
    log,
    checkResult: resultCheck(options.payloadBytes ?? runLimits.payloadBytes),
    ...(options.maxConcurrent !== undefined && { maxConcurrent: options.maxConcurrent }),
  })
  const known = new Map<string, KnownActivity>()
  for (const { name, definition } of registry.list()) {
    // Which of several versions a step gets is its range's to say, so their schemas are checked at the call alone.
    const isOne = registry.versions(name).length === 1
    known.set(name, isOne ? knownSchemas(definition) : {})
  }
  return {
    executor,
    attach: (engine) => queries.attach(engine),
    known,
    health: async () => {
      const unwell = (await health()).filter((report) => report.error !== null)
      const [first] = unwell
      if (first !== undefined) throw new Error(`plugin ${first.name}: ${first.error}`)
    },
    teardown,
  }
}

/** A Standard Schema is code: it can be run, not looked into. */
function knownSchemas({ input, output }: ActivityDefinition): KnownActivity {
  return {
    ...(isJsonSchema(input) && { input }),
    ...(isJsonSchema(output) && { output }),
  }
}

function isJsonSchema(schema: unknown): schema is JsonSchema {
  return (
    typeof schema === 'boolean' || (typeof schema === 'object' && schema !== null && !('~standard' in schema))
  )
}

export function activityLog(log: Log): ActivityLog {
  return {
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
  }
}
