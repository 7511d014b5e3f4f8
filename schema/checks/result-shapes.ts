/**
 * What is known of the results of steps, of messages and of errors, as JSON Schemas. Owns the shapes that the language
 * itself gives; those of activities and children come from the caller. Pure; used by `checks/fields.ts`.
 */
import type { DraftDocument } from '../compile/compile.ts'
import type { DraftStep } from '../compile/draft.ts'
import type { JsonSchema } from '../json.ts'
import type { KnownActivities } from '../known-activities.ts'
import { type KnownWorkflows, outputOf } from '../known-workflows.ts'

const closed = (properties: { readonly [name: string]: JsonSchema }): JsonSchema => ({
  type: 'object',
  properties,
  additionalProperties: false,
})

/** `error` in a `catch` and in `finally`. */
export const errorShape: JsonSchema = closed({
  type: { type: 'string' },
  message: { type: 'string' },
  details: true,
  retryable: { type: 'boolean' },
  step: { type: ['string', 'null'] },
  path: { type: ['string', 'null'] },
  attempt: { type: ['integer', 'null'] },
  cause: { $ref: '#' },
})

const settledShape: JsonSchema = closed({ status: { type: 'string' }, value: true, error: errorField() })

function errorField(): JsonSchema {
  return typeof errorShape === 'boolean'
    ? true
    : closed({ ...objectOf(errorShape['properties']), cause: true })
}

function objectOf(value: unknown): { readonly [name: string]: JsonSchema } {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

export interface KnownAround {
  readonly activities?: KnownActivities | undefined
  readonly workflows?: KnownWorkflows | undefined
}

/** Undefined: nothing is known of it. */
export function resultShape(
  step: DraftStep,
  document: DraftDocument,
  around: KnownAround,
): JsonSchema | undefined {
  switch (step.verb) {
    case 'activity':
      return step.versionRange === undefined ? around.activities?.get(step.activity)?.output : undefined
    case 'workflow':
      if (step.detached) return closed({ workflowId: { type: 'string' }, runId: { type: 'string' } })
      return around.workflows && outputOf(around.workflows, step)
    case 'wait':
      if (step.for.kind === 'condition') return { type: 'boolean' }
      return step.for.kind === 'signal' ? document.signals.get(step.for.signal)?.schema : undefined
    case 'parallel': {
      const branch = step.join.kind === 'settled' ? settledShape : true
      return closed(Object.fromEntries(step.branches.map(({ name }) => [name, branch])))
    }
    case 'forEach':
      return step.tolerate === undefined ? undefined : { type: 'array', items: settledShape }
    default:
      return undefined
  }
}
