/** Executions: start, list, count, describe, wait for. */
import type { CountAnswer, ExecutionDescription, ExecutionListItem, Page, StartAnswer } from '../api.ts'
import { type Outcome, parseDuration } from '../engine-door.ts'
import type { workflowOperations } from '../operations/workflows.ts'
import { type Call, type Handlers, json, reference } from './handler.ts'

type Ids = Exclude<keyof typeof workflowOperations, 'getHistory' | 'streamEvents'>

export const workflowHandlers: Handlers<Ids> = {
  async startWorkflow({ engine, input }) {
    const { namespace } = input.query
    const started = await engine.startExecution({ ...input.body, namespace })
    const { created, workflowId, runId, version } = started
    return json<StartAnswer>(created ? 201 : 200, { workflowId, runId, version })
  },

  async listWorkflows({ engine, input }) {
    const { namespace, ...options } = input.query
    return json<Page<ExecutionListItem>>(200, await engine.list(namespace, options))
  },

  async countWorkflows({ engine, input }) {
    return json<CountAnswer>(200, { count: await engine.count(input.query.namespace, input.query.query) })
  },

  async describeWorkflow({ engine, input }) {
    return json<ExecutionDescription>(200, await engine.describe(reference(input)))
  },

  async getResult(call) {
    const outcome = await awaitedOutcome(call)
    return json<Outcome>(outcome.status === 'running' ? 202 : 200, outcome)
  },
}

/** Waits no longer than the limit; a stop of the server ends the wait with what is known then. */
async function awaitedOutcome({ engine, input, limits, ended }: Call<'getResult'>): Promise<Outcome> {
  const ref = reference(input)
  const { wait, follow } = input.query
  const waitMs = Math.min(parseDuration(wait ?? '0s') ?? 0, limits.longPollMs)
  if (waitMs === 0) return engine.result(ref, { waitMs, follow })
  try {
    return await engine.result(ref, { waitMs, follow, signal: ended })
  } catch (error) {
    if (!ended.aborted) throw error
    return engine.result(ref, { waitMs: 0, follow })
  }
}
