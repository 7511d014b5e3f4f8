/**
 * Settings from environment variables. Owns which variables are read and the warning about those that look like
 * settings and are none. Called by `resolve.ts`.
 */
import { didYouMean } from '../../schema/problems/did-you-mean.ts'
import { type SettingKey, settings } from './catalogue.ts'
import { environmentName } from './names.ts'
import type { SettingProblem } from './problem.ts'

export type Environment = { readonly [name: string]: string | undefined }

/** Variables of this program that are no settings. */
export const otherVariables = {
  PERDURE_DEBUG: '`1`: unexpected errors are printed with their stack trace.',
  PERDURE_FAULT_POINT: 'for crash tests: the point of a turn at which the process kills itself.',
} as const

/** Secrets that `http.request` looks up, and what tests read. */
const otherPrefixes = ['PERDURE_SECRET_', 'PERDURE_TEST_']

/** A variable that is set to nothing counts as not set. */
export function fromEnvironment(environment: Environment): ReadonlyMap<SettingKey, string> {
  const found = new Map<SettingKey, string>()
  for (const key of settings.keys()) {
    const value = environment[environmentName(key)]
    if (value !== undefined && value !== '') found.set(key, value)
  }
  return found
}

/** Warnings alone: the environment is shared, and another program's variable must not stop this one. */
export function unknownVariables(environment: Environment): readonly SettingProblem[] {
  const known = [...[...settings.keys()].map(environmentName), ...Object.keys(otherVariables)]
  return Object.keys(environment)
    .filter(
      (name) =>
        name.startsWith('PERDURE_') &&
        !known.includes(name) &&
        !otherPrefixes.some((prefix) => name.startsWith(prefix)),
    )
    .sort()
    .map((name) => {
      const nearest = didYouMean(name, known)
      return {
        place: name,
        message: 'this environment variable is not a setting',
        ...(nearest === undefined ? {} : { suggestion: `did you mean ${nearest}?` }),
      }
    })
}
