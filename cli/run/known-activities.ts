/**
 * The activities of the named modules, loaded to check documents against them; plugins are not opened. Owns the call,
 * and what can be said of an activity that is not among them. Used by `validate`.
 */
import type { LoadOptions } from '../../schema/load.ts'
import type { Problem } from '../../schema/problems/problem.ts'
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

/** A plugin tells its activities when it has opened what they share, so with plugins no name is known to be nobody's. */
export function isSettled(problem: Problem, settings: EffectiveSettings): boolean {
  return problem.code !== 'activity-not-registered' || Object.keys(settings.get('plugins') ?? {}).length === 0
}
