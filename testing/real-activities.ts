/** Registered activities in a test: a runner for each life of an engine. Called by `test-engine.ts`. */
import {
  type ActivityDefinition,
  type ActivityExecutor,
  type Clock,
  createActivityRegistry,
  createActivityRunner,
  defaultLimits,
  type Limits,
  parseActivitySettings,
  resultCheck,
} from './engine.ts'

/** Throws where a definition is not well formed. */
export function realActivities(options: {
  readonly activities?: readonly ActivityDefinition[]
  readonly limits?: Partial<Limits>
}): (clock: Clock) => ActivityExecutor {
  const registry = createActivityRegistry({ parseSettings: parseActivitySettings })
  for (const definition of options.activities ?? []) registry.register(definition, { module: 'the test' })
  const checkResult = resultCheck(options.limits?.payloadBytes ?? defaultLimits.payloadBytes)
  return (clock) => createActivityRunner({ registry, clock, log: silent, checkResult })
}

const silent = { info: () => {}, warn: () => {}, error: () => {} }
