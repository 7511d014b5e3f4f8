/** The activities that every process has. What they need of the outside is handed in, so that tests can. */
import type { ActivityDefinition } from '../contract.ts'
import { httpRequest } from './http-request.ts'
import { logWrite } from './log-write.ts'
import { type QueryWorkflow, workflowQuery } from './workflow-query.ts'

export interface BuiltInOptions {
  /** Reads a duration of the language; null where the text is none. `schema/duration.ts` has it, the engine hands it in. */
  readonly parseDuration: (text: string) => number | null
  /** What `workflow.query` asks with. Absent: there is no such activity. */
  readonly queryWorkflow?: QueryWorkflow
  /** Where secrets are looked up, as `PERDURE_SECRET_<NAME>`. Absent: the process's own. */
  readonly environment?: { readonly [name: string]: string | undefined }
  /** Absent: the global one. */
  readonly fetch?: typeof globalThis.fetch
}

export function builtInActivities(options: BuiltInOptions): readonly ActivityDefinition[] {
  const { queryWorkflow } = options
  const own = [httpRequest(options), logWrite]
  return queryWorkflow === undefined ? own : [...own, workflowQuery(queryWorkflow)]
}
