/**
 * Reads the `plugins` section of the settings: `{ mail: { use: ./plugins/mail.ts, smtp: … } }`. Owns which plugin a
 * section means and which configuration it gets. A plugin that a module of `--activities` exports is opened too; a
 * section under its name, without `use`, configures it.
 */
import { loadActivityModules } from './load.ts'
import type { FoundExport } from './module-exports.ts'
import type { PluginRequest } from './plugin-host.ts'
import { ActivitySetupError } from './setup-error.ts'

export type PluginSections = { readonly [name: string]: unknown }

/** In the order of the sections, then of the modules' own plugins. */
export async function readPluginSections(
  sections: PluginSections,
  modulePlugins: readonly FoundExport[],
  options: { readonly cwd: string },
): Promise<readonly PluginRequest[]> {
  const requests: PluginRequest[] = []
  const configured = new Map<string, { readonly [key: string]: unknown }>()
  for (const [name, section] of Object.entries(sections)) {
    if (!isRecord(section)) throw sectionInvalid(name, 'must be a map such as { use: ./plugins/mail.ts }')
    const { use, ...config } = section
    if (use === undefined) configured.set(name, config)
    else if (typeof use !== 'string' || use === '')
      throw sectionInvalid(name, '`use` must name a module or a package')
    else {
      const { definition, place } = await pluginOf(name, use, options.cwd)
      requests.push({ name, definition, place, config })
    }
  }
  for (const { definition, place } of modulePlugins) {
    const name = String(isRecord(definition) ? definition['name'] : undefined)
    requests.push({ name, definition, place, config: configured.get(name) ?? {} })
    configured.delete(name)
  }
  const [unused] = configured.keys()
  if (unused !== undefined)
    throw sectionInvalid(
      unused,
      'has no `use`, and no module of activities exports a plugin of this name; name the plugin with `use: ./plugins/mail.ts`',
    )
  return requests
}

async function pluginOf(name: string, use: string, cwd: string): Promise<FoundExport> {
  const { plugins } = await loadActivityModules([use], { cwd })
  const plugin = plugins.find(({ place }) => place.export === 'default') ?? plugins[0]
  if (plugin === undefined)
    throw new ActivitySetupError(
      'PluginInvalid',
      `plugins.${name}: ${use} exports no plugin; its default export must be what \`definePlugin\` gives`,
    )
  return plugin
}

function sectionInvalid(name: string, what: string): ActivitySetupError {
  return new ActivitySetupError('PluginConfigInvalid', `plugins.${name}: ${what}`)
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
