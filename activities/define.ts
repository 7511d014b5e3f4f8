/**
 * `defineActivity`: gives an activity its types. Checks nothing at run time: a plain object is an activity too, so
 * all checks stand in `registry.ts`, where the module and the export can be named.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { JsonSchema } from '../schema/json.ts'
import type { ActivityContext, ActivityDefinition, ActivityOptions } from './contract.ts'

/** What `run` is given: the schema's output (after defaults and coercion), or what the author says. */
export type InputOf<Schema> = Schema extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<Schema> : unknown

/** What `run` may return: what the schema takes. */
export type ResultOf<Schema> = Schema extends StandardSchemaV1 ? StandardSchemaV1.InferInput<Schema> : unknown

export interface TypedActivityOptions<InputSchema, OutputSchema, Input, Result> extends ActivityOptions {
  /** The name that documents call it by, such as `payments.charge`. */
  readonly name: string
  /** A full semantic version, for `activity: payments.charge@^2`. */
  readonly version?: string
  readonly description?: string
  /** JSON Schema (2020-12) or any Standard Schema (zod, valibot, arktype, typebox). */
  readonly input?: InputSchema
  readonly output?: OutputSchema
  /** At most so many attempts at once in this process. */
  readonly maxConcurrent?: number
  run(input: Input, context: ActivityContext): Result | Promise<Result>
}

/** Schemas give the types. */
export function defineActivity<
  const InputSchema extends StandardSchemaV1,
  const OutputSchema extends StandardSchemaV1 | JsonSchema,
>(
  options: TypedActivityOptions<InputSchema, OutputSchema, InputOf<InputSchema>, ResultOf<OutputSchema>>,
): ActivityDefinition & typeof options
/** Without a Standard Schema the type of the input is what `run` declares. */
export function defineActivity<Input, OutputSchema extends StandardSchemaV1 | JsonSchema>(
  options: TypedActivityOptions<JsonSchema, OutputSchema, Input, ResultOf<OutputSchema>>,
): ActivityDefinition & typeof options
export function defineActivity(options: ActivityDefinition): ActivityDefinition {
  return options
}
