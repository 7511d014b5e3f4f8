/**
 * Puts together the activities of a process: the built-in ones, those of the named modules, those handed in by a
 * program, those that plugins bring. Owns the order alone. Called once at start, before the engine; `teardown` is
 * called after the drain.
 */
import { type BuiltInOptions, builtInActivities } from './builtin/index.ts'
import type { ActivityLog } from './contract.ts'
import type { ParseSettings } from './definition-check.ts'
import { loadActivityModules } from './load.ts'
import { findExports } from './module-exports.ts'
import { openPlugins, type PluginHost } from './plugin-host.ts'
import { type PluginSections, readPluginSections } from './plugin-sections.ts'
import { type ActivityRegistry, createActivityRegistry } from './registry.ts'

export interface PrepareOptions {
  /** Paths or packages, as the user named them. */
  readonly modules?: readonly string[]
  /** Activities and plugins that a program hands in: a list, or any object that holds them. */
  readonly given?: object
  /** The `plugins` section of the settings. */
  readonly plugins?: PluginSections
  readonly cwd: string
  readonly log: ActivityLog
  readonly parseSettings: ParseSettings
  readonly builtIns: BuiltInOptions
  /** False: plugins are not set up and their activities are unknown, for checks that must not open anything. */
  readonly openPlugins?: boolean
}

export interface PreparedActivities {
  readonly registry: ActivityRegistry
  readonly health: PluginHost['health']
  readonly teardown: PluginHost['teardown']
}

/** Throws `ActivitySetupError`; plugins already open are closed then. */
export async function prepareActivities(options: PrepareOptions): Promise<PreparedActivities> {
  const { parseSettings, cwd, log } = options
  const registry = createActivityRegistry({ parseSettings })
  for (const definition of builtInActivities(options.builtIns))
    registry.register(definition, { module: 'built in' })
  const loaded = await loadActivityModules(options.modules ?? [], { cwd })
  const given = findExports('given', { activities: options.given })
  for (const { definition, place } of [...loaded.activities, ...given.activities])
    registry.register(definition, place)
  if (options.openPlugins === false) return { registry, health: async () => [], teardown: async () => {} }
  const requests = await readPluginSections(options.plugins ?? {}, [...loaded.plugins, ...given.plugins], {
    cwd,
  })
  const host = await openPlugins(requests, { log })
  try {
    for (const { definition, place } of host.activities) registry.register(definition, place)
  } catch (thrown) {
    await host.teardown()
    throw thrown
  }
  return { registry, health: host.health, teardown: host.teardown }
}
