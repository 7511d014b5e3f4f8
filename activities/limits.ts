/** The named limits of activities and their modules, with their defaults. Those of the language are in `schema/limits.ts`. */

/** Attempts of one process at once. */
export const defaultMaxConcurrent = 1_000

/** Characters of an error's message that are recorded; the rest is cut off. */
export const errorMessageCharacters = 8_192

/** Nested `cause`s of an error that are recorded. */
export const errorCauseDepth = 5

/** Nested lists and objects of a result, a heartbeat's details or an error's details. A value deeper than this most likely refers to itself. */
export const valueNesting = 500

/** Problems of a value against a schema that an error lists; what is beyond is counted. */
export const schemaProblems = 10

/** Milliseconds after which a started attempt, and its heartbeats, are kept beside the history. */
export const attemptSaveIntervalMs = 1_000

/** Attempts started in one slice before timers and the network get their turn. */
export const startsPerSlice = 500

/** Heartbeat details of failed attempts kept for the next attempt in this process. */
export const keptHeartbeats = 10_000

/** Milliseconds that a plugin's setup, and its teardown, may take. */
export const pluginSetupMs = 60_000
export const pluginTeardownMs = 10_000
