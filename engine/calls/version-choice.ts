/** Which deployed version a start gets (docs/language/documents.md). Pure. There are no rollouts yet. */
import semver from 'semver'

export interface DeployedVersion {
  readonly version: string
  readonly deprecated: boolean
}

export type VersionChoice =
  | { readonly kind: 'chosen'; readonly version: string; readonly reason: string }
  | { readonly kind: 'none'; readonly detail: string; readonly suggestion: string }

/** `wanted`: an exact version, a range, or undefined for the highest stable one. */
export function chooseVersion(
  name: string,
  wanted: string | undefined,
  deployed: readonly DeployedVersion[],
): VersionChoice {
  if (deployed.length === 0) {
    return {
      kind: 'none',
      detail: `no definition named '${name}' is deployed`,
      suggestion: 'deploy it first, or correct the name',
    }
  }
  if (wanted === undefined) return highestStable(name, deployed)
  if (semver.valid(wanted) !== null) return exact(name, wanted, deployed)
  if (semver.validRange(wanted) === null) {
    return {
      kind: 'none',
      detail: `'${wanted}' is neither a version nor a range`,
      suggestion: "write a version such as '2.1.0' or a range such as '^2.1'",
    }
  }
  return highestInRange(name, wanted, deployed)
}

function exact(name: string, wanted: string, deployed: readonly DeployedVersion[]): VersionChoice {
  const found =
    deployed.find(({ version }) => version === wanted) ??
    deployed.find(({ version }) => semver.eq(version, wanted))
  if (found === undefined) {
    return {
      kind: 'none',
      detail: `version ${wanted} of '${name}' is not deployed`,
      suggestion: `deployed are ${shown(deployed)}`,
    }
  }
  return { kind: 'chosen', version: found.version, reason: 'the exact version was named' }
}

/** Pre-releases count where the range itself names one (`>=2.0.0-0`), as npm does. */
function highestInRange(name: string, range: string, deployed: readonly DeployedVersion[]): VersionChoice {
  const matching = deployed.filter(({ version }) => semver.satisfies(version, range))
  const best = highest(matching.filter(({ deprecated }) => !deprecated))
  if (best !== null) {
    return {
      kind: 'chosen',
      version: best,
      reason: `the highest deployed version in ${range} that is not deprecated`,
    }
  }
  const all = matching.length > 0
  return {
    kind: 'none',
    detail: all
      ? `every deployed version of '${name}' in ${range} is deprecated (${shown(matching)})`
      : `no deployed version of '${name}' is in ${range}`,
    suggestion: all ? 'name a version exactly, or undeprecate one' : `deployed are ${shown(deployed)}`,
  }
}

function highestStable(name: string, deployed: readonly DeployedVersion[]): VersionChoice {
  const best = highest(
    deployed.filter(({ version, deprecated }) => !deprecated && semver.prerelease(version) === null),
  )
  if (best !== null) return { kind: 'chosen', version: best, reason: 'the highest stable version' }
  return {
    kind: 'none',
    detail: `'${name}' has no stable version that is not deprecated`,
    suggestion: `name one of ${shown(deployed)}`,
  }
}

function highest(candidates: readonly DeployedVersion[]): string | null {
  return semver.rsort(candidates.map(({ version }) => version))[0] ?? null
}

const mostShown = 10

function shown(deployed: readonly DeployedVersion[]): string {
  const versions = semver.rsort(deployed.map(({ version }) => version))
  const more = versions.length - mostShown
  return `${versions.slice(0, mostShown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
