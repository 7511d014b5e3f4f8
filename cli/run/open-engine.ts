/**
 * An engine in this process, made from the settings: store, activities, plugins, clock. Owns how settings become
 * options of the engine, and the order in which it all closes. Called by `run` and `serve`.
 */

import { openActivities } from '../../engine/embedded/process-activities.ts'
import {
  createEngine,
  type EngineUnderTest,
  type Log,
  openStorage,
  type StorageTarget,
} from '../../engine/index.ts'
import { eventSinks } from '../settings/event-sinks.ts'
import { isMap } from '../settings/kinds.ts'
import type { EffectiveSettings } from '../settings/resolve.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { ownRunExecutor } from './own-run-executor.ts'
import type { RunFamily } from './run-family.ts'
import { SkippingClock, watchAttempts } from './skipping-clock.ts'
import type { StoreChoice } from './store-choice.ts'

export interface OpenedEngine {
  /** Not started yet. */
  readonly engine: EngineUnderTest
  /** Stops the engine, closes its store and then the plugins. Twice is once. */
  stop(graceMs?: number): Promise<void>
}

export interface OpenOptions {
  readonly store: StoreChoice
  readonly settings: EffectiveSettings
  readonly terminal: Terminal
  /** Timers and pauses take no time; for a store in memory alone. */
  readonly skipTime: boolean
  /** What becomes of an activity that is not registered: under `run` there are no workers to wait for. */
  readonly unregistered: 'wait' | 'fail'
  readonly log: Log
  /** Of `run` on a durable store: the one execution whose activities are all here, with its children. */
  readonly own?: RunFamily
}

const dayMs = 86_400_000

export async function openEngine(options: OpenOptions): Promise<OpenedEngine> {
  const { settings, log } = options
  const limits = settings.limits()
  const clock = options.skipTime ? new SkippingClock() : undefined
  const modules = settings.get('activities')
  const plugins = settings.get('plugins')
  // What stands in memory is gone before a sink that is slow or away has it; the events are shown as progress.
  const inMemory = options.store.kind === 'memory'
  // Before plugins are opened: a secret that is not set stops the start.
  const sinks = inMemory ? [] : eventSinks(settings.get('eventSinks'), options.terminal.environment)
  const activities = await openActivities({
    cwd: options.terminal.directory,
    log,
    maxConcurrent: settings.get('maxConcurrentActivities'),
    payloadBytes: settings.get('limits.payloadBytes'),
    ...(modules === undefined ? {} : { modules }),
    ...(isMap(plugins) ? { plugins } : {}),
    ...(clock === undefined ? {} : { clock }),
  })
  const attempts = clock === undefined ? null : watchAttempts(activities.executor)
  const engine = createEngine({
    storage: openStorage(targetOf(options.store, settings)),
    executor:
      options.own === undefined
        ? (attempts?.executor ?? activities.executor)
        : ownRunExecutor(activities.executor, options.own),
    limits,
    log,
    unregistered: options.unregistered,
    activities: activities.known,
    health: activities.health,
    settings: {
      maxLoadedRuns: settings.get('maxLoadedRuns'),
      leaseTtlMs: settings.get('leaseTtl').ms,
      pollIntervalMs: settings.get('pollInterval').ms,
      retentionDays: settings.get('retention').ms / dayMs,
      stopGraceMs: settings.get('shutdownGrace').ms,
      eventSinks: sinks,
    },
    ...(clock === undefined ? {} : { clock }),
  })
  activities.attach(engine)
  const skipping = clock !== undefined && attempts !== null ? clock.skip(engine, attempts) : null
  let stopped: Promise<void> | null = null
  return {
    engine,
    stop(graceMs = settings.get('shutdownGrace').ms) {
      skipping?.stop()
      stopped ??= engine.stop({ graceMs }).finally(() => activities.teardown())
      return stopped
    },
  }
}

function targetOf(store: StoreChoice, settings: EffectiveSettings): StorageTarget {
  switch (store.kind) {
    case 'memory':
      return { kind: 'memory' }
    case 'dataDir':
      return { kind: 'pglite', dataDir: store.dataDir }
    case 'databaseUrl':
      return { kind: 'postgres', connectionString: store.databaseUrl, poolSize: settings.get('poolSize') }
    default:
      return store satisfies never
  }
}
