/**
 * What a caller knows of other workflows: the documents of one folder, or what is deployed. Owns which of their versions a
 * child step may get; whether its input fits is `checks/child.ts`'s.
 */
import { maxSatisfying, valid, validRange } from 'semver'
import type { Json, JsonObject, JsonSchema } from './json.ts'
import type { WorkflowStep } from './plan.ts'

export interface KnownWorkflow {
  readonly name: string
  readonly version: string
  readonly input?: JsonSchema
  readonly output?: JsonSchema
}

/** By name; any order of versions. */
export type KnownWorkflows = ReadonlyMap<string, readonly KnownWorkflow[]>

/** Of the definition of a document, valid or not. Undefined: it has no name and version. */
export function interfaceOf(definition: Json | undefined): KnownWorkflow | undefined {
  if (!isObject(definition)) return undefined
  const { name, version, input, output } = definition
  if (typeof name !== 'string' || typeof version !== 'string' || valid(version) === null) return undefined
  return {
    name,
    version,
    ...(isSchema(input) ? { input } : {}),
    ...(isSchema(output) ? { output } : {}),
  }
}

export function knownWorkflows(all: Iterable<KnownWorkflow>): KnownWorkflows {
  const known = new Map<string, KnownWorkflow[]>()
  for (const workflow of all) {
    const versions = known.get(workflow.name)
    if (versions === undefined) known.set(workflow.name, [workflow])
    else versions.push(workflow)
  }
  return known
}

/** What a start gets: the highest version in the range, of all the stable ones. Undefined: it cannot be told. */
export function childOf(workflows: KnownWorkflows, step: WorkflowStep): KnownWorkflow | undefined {
  const { versionRange } = step
  if (versionRange !== undefined && versionRange.kind !== 'constant') return undefined
  const range = versionRange === undefined ? '*' : versionRange.value
  if (typeof range !== 'string' || validRange(range) === null) return undefined
  const versions = workflows.get(step.workflow) ?? []
  const best = maxSatisfying(
    versions.map(({ version }) => version),
    range,
  )
  return versions.find(({ version }) => version === best)
}

export function outputOf(workflows: KnownWorkflows, step: WorkflowStep): JsonSchema | undefined {
  return childOf(workflows, step)?.output
}

function isSchema(value: Json | undefined): value is JsonSchema {
  return typeof value === 'boolean' || isObject(value)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
