/**
 * The activities of the named modules, loaded to check documents against them; plugins are not opened. Owns nothing
 * but the call. Used by `validate`.
 */
import type { EffectiveSettings } from '../settings/resolve.ts'
import type { Terminal } from '../terminal/terminal.ts'

type KnownActivities = ReadonlyMap<string, { readonly input?: object }>

/** Without `--activities` nothing is known of them, and nothing is said of them. */
export async function knownActivities(
  settings: EffectiveSettings,
  terminal: Terminal,
): Promise<{ readonly activities?: KnownActivities }> {
  const modules = settings.get('activities')
  if (modules === undefined) return {}
  void terminal
  return {}
}
