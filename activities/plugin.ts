/**
 * `definePlugin`: gives a plugin its types. A plugin brings activities that share something that must be opened and
 * closed (a pool, a client, a connection). Checks nothing at run time; `plugin-host.ts` opens and closes plugins.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { JsonSchema } from '../schema/json.ts'
import type { PluginContext, PluginDefinition, PluginInstance } from './contract.ts'

export interface TypedPluginOptions<ConfigSchema, Config> {
  readonly name: string
  /** JSON Schema or Standard Schema of its section of the settings, `use` left out. */
  readonly config?: ConfigSchema
  setup(config: Config, context: PluginContext): Promise<PluginInstance> | PluginInstance
}

export function definePlugin<const ConfigSchema extends StandardSchemaV1>(
  options: TypedPluginOptions<ConfigSchema, StandardSchemaV1.InferOutput<ConfigSchema>>,
): PluginDefinition
export function definePlugin<Config>(options: TypedPluginOptions<JsonSchema, Config>): PluginDefinition
export function definePlugin(options: PluginDefinition): PluginDefinition {
  return options
}
