/**
 * The activities of a process, by name and version. Owns the checks of a definition and the choice of a version:
 * with a range the highest in it, without one the highest stable, else the one that has no version.
 * `load.ts` finds definitions, `runner.ts` and the engine ask for them.
 */
import semver from 'semver'
import type { ActivitySettings } from '../schema/plan.ts'
import type { ActivityDefinition } from './contract.ts'
import { checkDefinition, type ParseSettings, type Place, placeText } from './definition-check.ts'
import type { SchemaCheck } from './schema-check.ts'
import { ActivitySetupError } from './setup-error.ts'

/** A definition that was found good, with what is made of it once. */
export interface RegisteredActivity {
  readonly definition: ActivityDefinition
  readonly name: string
  readonly version?: string
  readonly settings: ActivitySettings
  readonly place: Place
  readonly checkInput: SchemaCheck | null
  readonly checkOutput: SchemaCheck | null
}

export interface ActivityRegistry {
  /** Takes a definition, or throws `ActivitySetupError`. The same object a second time is not a second activity. */
  register(definition: unknown, place: Place): RegisteredActivity
  find(name: string, versionRange?: string): RegisteredActivity | null
  /** Of this name, lowest first; null stands for the one without a version. */
  versions(name: string): readonly (string | null)[]
  /** By name, then by version, lowest first. */
  list(): readonly RegisteredActivity[]
}

export function createActivityRegistry(options: { readonly parseSettings: ParseSettings }): ActivityRegistry {
  const byName = new Map<string, RegisteredActivity[]>()
  /** Answers of `find`; a plan asks for the same few names for ever. */
  const answers = new Map<string, RegisteredActivity | null>()

  function register(definition: unknown, place: Place): RegisteredActivity {
    const activity = checkDefinition(definition, place, options.parseSettings)
    const versions = byName.get(activity.name) ?? []
    const twin = versions.find((other) => other.version === activity.version)
    if (twin?.definition === activity.definition) return twin
    if (twin !== undefined)
      throw new ActivitySetupError(
        'ActivityDuplicate',
        `the activity "${activity.name}"${activity.version === undefined ? '' : ` version ${activity.version}`} is there twice: ` +
          `${placeText(twin.place)} and ${placeText(place)}. Give one of them another name, or each its own version.`,
      )
    versions.push(activity)
    versions.sort(byVersion)
    byName.set(activity.name, versions)
    answers.clear()
    return activity
  }

  function find(name: string, versionRange?: string): RegisteredActivity | null {
    const key = versionRange === undefined ? name : `${name}@${versionRange}`
    const known = answers.get(key)
    if (known !== undefined) return known
    const found = choose(byName.get(name) ?? [], versionRange)
    if (answers.size < answersKept) answers.set(key, found)
    return found
  }

  return {
    register,
    find,
    versions: (name) => (byName.get(name) ?? []).map(({ version }) => version ?? null),
    list: () => [...byName.keys()].sort().flatMap((name) => byName.get(name) ?? []),
  }
}

/** Names come from documents, so the answers kept are bounded. */
const answersKept = 10_000

function choose(
  versions: readonly RegisteredActivity[],
  versionRange: string | undefined,
): RegisteredActivity | null {
  const highestFirst = versions.filter(({ version }) => version !== undefined).reverse()
  if (versionRange !== undefined)
    return highestFirst.find(({ version }) => semver.satisfies(version ?? '', versionRange)) ?? null
  return (
    highestFirst.find(({ version }) => semver.prerelease(version ?? '') === null) ??
    versions.find(({ version }) => version === undefined) ??
    null
  )
}

function byVersion(one: RegisteredActivity, other: RegisteredActivity): number {
  if (one.version === undefined) return -1
  if (other.version === undefined) return 1
  return semver.compare(one.version, other.version)
}
