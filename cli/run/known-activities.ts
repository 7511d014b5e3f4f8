/**
 * The activities of the named modules, loaded to check documents against them; plugins are not opened. Owns nothing
 * but the call. Used by `validate`.
 */
import type { LoadOptions } from '../../schema/load.ts'
import type { EffectiveSettings } from '../settings/resolve.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Without modules nothing is known of activities, and nothing is said of them. */
export async function knownActivities(
  settings: EffectiveSettings,
  terminal: Terminal,
): Promise<Pick<LoadOptions, 'activities'>> {
  const modules = settings.get('activities')
  if (modules === undefined) return {}
  const { openActivities } = await import('../../engine/embedded/process-activities.ts')
  const { known } = await openActivities({ modules, cwd: terminal.directory, openPlugins: false })
  return { activities: known }
}
