/**
 * Opens and closes plugins. Owns the order (set up as configured, torn down in reverse after the drain), the check of
 * their configuration, and the rule that a plugin which does not start stops the start, with its name.
 * Called where a process is put together; `registry.ts` takes the activities that plugins bring.
 */
import type { ActivityLog, PluginDefinition, PluginInstance } from './contract.ts'
import { type Place, placeText } from './definition-check.ts'
import { pluginSetupMs, pluginTeardownMs } from './limits.ts'
import { compileSchema, problemsText } from './schema-check.ts'
import { ActivitySetupError } from './setup-error.ts'

/** A plugin to open: one of the settings' sections, or one that a module of activities exports. */
export interface PluginRequest {
  /** The name of its section, or its own. */
  readonly name: string
  readonly definition: unknown
  readonly place: Place
  /** Its section of the settings without `use`. */
  readonly config: { readonly [key: string]: unknown }
}

export interface PluginHealth {
  readonly name: string
  /** Null: it is well. */
  readonly error: string | null
}

export interface PluginHost {
  readonly activities: readonly { readonly definition: unknown; readonly place: Place }[]
  /** One entry per plugin, in order of setup. */
  health(): Promise<readonly PluginHealth[]>
  /** In reverse order of setup. One that fails or hangs is logged, the others are closed all the same. Twice is once. */
  teardown(): Promise<void>
}

export interface PluginHostOptions {
  readonly log: ActivityLog
  readonly setupMs?: number
  readonly teardownMs?: number
}

interface Opened {
  readonly name: string
  readonly instance: PluginInstance
}

/** Opens all, in order. When one fails, those already open are closed and `ActivitySetupError` is thrown. */
export async function openPlugins(
  requests: readonly PluginRequest[],
  options: PluginHostOptions,
): Promise<PluginHost> {
  const opened: Opened[] = []
  const activities: { readonly definition: unknown; readonly place: Place }[] = []
  let closing: Promise<void> | null = null
  const teardown = () => {
    closing ??= closeAll(opened, options)
    return closing
  }
  for (const request of requests) {
    try {
      const instance = await open(request, options)
      opened.push({ name: request.name, instance })
      instance.activities.forEach((definition, index) => {
        activities.push({
          definition,
          place: { module: `plugin "${request.name}"`, export: `activities[${index}]` },
        })
      })
    } catch (thrown) {
      await teardown()
      throw thrown
    }
  }
  return { activities, health: () => Promise.all(opened.map(healthOf)), teardown }
}

async function open(request: PluginRequest, options: PluginHostOptions): Promise<PluginInstance> {
  const { name, place } = request
  const definition = pluginDefinition(request)
  const config = await checkedConfig(request, definition)
  const limitMs = options.setupMs ?? pluginSetupMs
  let instance: unknown
  try {
    instance = await within(limitMs, `its setup did not end within ${limitMs} ms (pluginSetupMs)`, async () =>
      definition.setup(config as never, { log: options.log }),
    )
  } catch (cause) {
    throw new ActivitySetupError(
      'PluginSetupFailed',
      `plugin "${name}" (${placeText(place)}) failed to set up: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
  if (!isInstance(instance))
    throw new ActivitySetupError(
      'PluginInvalid',
      `plugin "${name}" (${placeText(place)}): setup must give { activities: [...], health?, teardown? }`,
    )
  return instance
}

function pluginDefinition(request: PluginRequest): PluginDefinition {
  const { definition, name, place } = request
  if (isPluginDefinition(definition)) return definition
  throw new ActivitySetupError(
    'PluginInvalid',
    `plugin "${name}" (${placeText(place)}) is not a plugin; export what \`definePlugin\` gives: an object with \`name\` and \`setup\``,
  )
}

async function checkedConfig(request: PluginRequest, definition: PluginDefinition): Promise<unknown> {
  const { name, config, place } = request
  if (definition.config === undefined) {
    const unknown = Object.keys(config)
    if (unknown.length === 0) return config
    throw new ActivitySetupError(
      'PluginConfigInvalid',
      `plugins.${name}: this plugin takes no configuration, but ${unknown.join(', ')} is set`,
    )
  }
  try {
    const checked = await compileSchema(definition.config)(structuredClone(config))
    if ('value' in checked) return checked.value
    throw new ActivitySetupError(
      'PluginConfigInvalid',
      `plugins.${name}: the configuration does not match what the plugin asks for: ${problemsText(checked.problems)}`,
    )
  } catch (cause) {
    if (cause instanceof ActivitySetupError) throw cause
    throw new ActivitySetupError(
      'PluginInvalid',
      `plugin "${name}" (${placeText(place)}): \`config\` is not a usable schema: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}

function isPluginDefinition(value: unknown): value is PluginDefinition {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'name') === 'string' &&
    typeof Reflect.get(value, 'setup') === 'function'
  )
}

function isInstance(value: unknown): value is PluginInstance {
  if (typeof value !== 'object' || value === null || !Array.isArray(Reflect.get(value, 'activities')))
    return false
  return ['health', 'teardown'].every((key) => {
    const member: unknown = Reflect.get(value, key)
    return member === undefined || typeof member === 'function'
  })
}

async function healthOf({ name, instance }: Opened): Promise<PluginHealth> {
  try {
    await instance.health?.()
    return { name, error: null }
  } catch (thrown) {
    return { name, error: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

async function closeAll(opened: readonly Opened[], options: PluginHostOptions): Promise<void> {
  const limitMs = options.teardownMs ?? pluginTeardownMs
  for (const { name, instance } of [...opened].reverse()) {
    try {
      await within(limitMs, `its teardown did not end within ${limitMs} ms (pluginTeardownMs)`, async () =>
        instance.teardown?.(),
      )
    } catch (thrown) {
      options.log.error(`plugin "${name}" failed to close`, {
        error: thrown instanceof Error ? thrown.message : String(thrown),
      })
    }
  }
}

async function within<Value>(ms: number, message: string, work: () => Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), ms)
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}
