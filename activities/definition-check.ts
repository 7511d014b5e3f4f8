/**
 * Says whether an export is a well-formed activity, and makes of it what the registry holds. Every refusal names the
 * module and the export. Called by `registry.ts`.
 */
import semver from 'semver'
import type { ActivitySettings } from '../schema/plan.ts'
import type { ActivityDefinition, ActivityOptions } from './contract.ts'
import type { RegisteredActivity } from './registry.ts'
import { compileSchema, type SchemaCheck } from './schema-check.ts'
import { ActivitySetupError } from './setup-error.ts'

/** Where a definition was found. */
export interface Place {
  /** As the user named it: a path, a package, or what holds it (`built in`). */
  readonly module: string
  /** `default`, `charge`, `default[2]`, `payments.charge`. Absent where a program handed it in. */
  readonly export?: string
}

export function placeText(place: Place): string {
  return place.export === undefined ? place.module : `${place.module} (export ${place.export})`
}

/** Reads timeouts and retry as an activity writes them. `schema/settings.ts` has it, the engine hands it in. */
export type ParseSettings = (
  raw: ActivityOptions,
) => { readonly settings: ActivitySettings } | { readonly error: string }

/** The names that documents may write after `activity:`. */
export const activityNamePattern = /^[A-Za-z_][A-Za-z0-9_]*([-./][A-Za-z0-9_]+)*$/

const settingKeys = [
  'retry',
  'startToCloseTimeout',
  'scheduleToStartTimeout',
  'scheduleToCloseTimeout',
  'heartbeatTimeout',
] as const satisfies readonly (keyof ActivityOptions)[]

const otherKeys = ['name', 'version', 'description', 'input', 'output', 'maxConcurrent', 'run'] as const

const knownKeys: readonly string[] = [...settingKeys, ...otherKeys]

export function checkDefinition(
  candidate: unknown,
  place: Place,
  parseSettings: ParseSettings,
): RegisteredActivity {
  const refuse = (what: string): never => {
    throw new ActivitySetupError('ActivityDefinitionInvalid', `${placeText(place)}: ${what}`)
  }
  if (!isActivityLike(candidate))
    return refuse(
      'this is not an activity; give an object with `name` and `run`, as `defineActivity` makes one',
    )
  const { name, version, maxConcurrent } = candidate
  if (typeof name !== 'string' || name === '')
    return refuse('the activity has no name; give `name`, such as `orders.validate`')
  if (!activityNamePattern.test(name))
    return refuse(
      `the name ${JSON.stringify(name)} cannot be written in a document; use letters, digits and _, joined by . or -, such as \`orders.validate\``,
    )
  const refuseIn = (key: string, what: string) => refuse(`activity "${name}": \`${key}\` ${what}`)
  if (typeof candidate['run'] !== 'function')
    return refuseIn('run', `must be a function, not ${kindOf(candidate.run)}`)
  if (version !== undefined && (typeof version !== 'string' || semver.valid(version) !== version))
    return refuseIn(
      'version',
      `must be a full semantic version such as 1.0.0, not ${JSON.stringify(version)}`,
    )
  if (candidate.description !== undefined && typeof candidate.description !== 'string')
    return refuseIn('description', `must be a string, not ${kindOf(candidate.description)}`)
  if (maxConcurrent !== undefined && !(Number.isSafeInteger(maxConcurrent) && Number(maxConcurrent) >= 1))
    return refuseIn('maxConcurrent', `must be a whole number from 1, not ${JSON.stringify(maxConcurrent)}`)
  // A class of the user's may have members of its own; a plain object has only what is meant for us.
  if (Object.getPrototypeOf(candidate) === Object.prototype)
    for (const key of Object.keys(candidate))
      if (!knownKeys.includes(key)) refuseIn(key, `is not a key of an activity${suggestion(key)}`)

  if (!isDefinition(candidate)) return refuseIn('run', 'must be a function')
  const definition: ActivityDefinition = candidate
  const raw: { [key: string]: unknown } = {}
  for (const key of settingKeys) if (definition[key] !== undefined) raw[key] = definition[key]
  const parsed = parseSettings(raw as ActivityOptions)
  if ('error' in parsed) return refuse(`activity "${name}": ${parsed.error}`)

  const checkOf = (key: 'input' | 'output'): SchemaCheck | null => {
    const schema = definition[key]
    if (schema === undefined) return null
    try {
      return compileSchema(schema)
    } catch (reason) {
      return refuseIn(
        key,
        `is not a usable schema: ${reason instanceof Error ? reason.message : String(reason)}`,
      )
    }
  }
  return {
    definition,
    name,
    ...(version === undefined ? {} : { version }),
    settings: parsed.settings,
    place,
    checkInput: checkOf('input'),
    checkOutput: checkOf('output'),
  }
}

/** After the checks above; the types of the settings are `parseSettings`'s to check, those of the schemas the compiler's. */
function isDefinition(candidate: object): candidate is ActivityDefinition {
  return (
    typeof Reflect.get(candidate, 'name') === 'string' && typeof Reflect.get(candidate, 'run') === 'function'
  )
}

function isActivityLike(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  return value === undefined
    ? 'undefined'
    : value === null
      ? 'null'
      : Array.isArray(value)
        ? 'a list'
        : `a ${typeof value}`
}

function suggestion(key: string): string {
  const near = knownKeys.find(
    (known) =>
      known.toLowerCase() === key.toLowerCase() ||
      known.startsWith(key) ||
      key.toLowerCase() === `${known}ms`.toLowerCase(),
  )
  return near === undefined ? `; the keys are ${knownKeys.join(', ')}` : `; did you mean \`${near}\`?`
}
