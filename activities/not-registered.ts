/** The words for an activity that is not there. Owns them, so that the engine and the runner say the same. */

const mostShown = 10

/** `versions`: those of the name that are registered, as `ActivityExecutor.versions` gives them. */
export function notRegisteredText(
  activity: string,
  versionRange: string | undefined,
  versions: readonly (string | null)[] = [],
): string {
  if (versions.length === 0) {
    const range = versionRange === undefined ? '' : `@${versionRange}`
    return `no activity \`${activity}${range}\` is registered in this process: load its module with --activities`
  }
  const shown = versions.slice(-mostShown).map((version) => version ?? 'one without a version')
  const more = versions.length > shown.length ? ` and ${versions.length - shown.length} older` : ''
  const wanted = versionRange === undefined ? 'no stable version' : `no version in \`${versionRange}\``
  return `${wanted} of the activity \`${activity}\` is registered in this process (there are ${shown.join(', ')}${more}): load a module that has one`
}
