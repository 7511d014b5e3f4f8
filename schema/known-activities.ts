/** What a caller knows of activities: their schemas, by name. */
import type { JsonSchema } from './json.ts'

export interface KnownActivity {
  readonly input?: JsonSchema
  readonly output?: JsonSchema
}

export type KnownActivities = ReadonlyMap<string, KnownActivity>
