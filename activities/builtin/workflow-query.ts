/** `workflow.query`: asks another execution a question and gives its answer. What asks is handed in by the engine. */
import type { Json } from '../../schema/json.ts'
import type { ActivityDefinition } from '../contract.ts'
import { defineActivity } from '../define.ts'

export interface WorkflowQuestion {
  readonly namespace: string
  readonly workflowId: string
  readonly name: string
  readonly input: Json
}

/** Rejects with an `ApplicationError` whose type is the engine's code (`ExecutionNotFound`, `QueryNotDeclared`, `QueryInvalid`, …). */
export type QueryWorkflow = (question: WorkflowQuestion) => Promise<Json>

interface WorkflowQueryInput {
  readonly workflowId: string
  readonly name: string
  readonly input: Json
}

export function workflowQuery(query: QueryWorkflow): ActivityDefinition {
  return defineActivity({
    name: 'workflow.query',
    description: 'Asks an execution of the same namespace one of its queries.',
    input: {
      type: 'object',
      required: ['workflowId', 'name'],
      additionalProperties: false,
      properties: {
        workflowId: { type: 'string', minLength: 1 },
        name: { type: 'string', minLength: 1 },
        input: { default: null },
      },
    },
    run: ({ workflowId, name, input }: WorkflowQueryInput, { info }) =>
      query({ namespace: info.namespace, workflowId, name, input }),
  })
}
