/**
 * Plain JSON, the only kind of value that a document, a state, an event or a payload may hold.
 * Owns the type alone; who needs a check of it at a door uses `interpreter/values/values.ts`.
 */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

/** A JSON Schema (2020-12), as it stands in a document or an activity. */
export type JsonSchema = JsonObject | boolean
