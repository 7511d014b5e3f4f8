/**
 * Inputs of activities against the schemas of those that are registered, as far as they are constant. Owns that
 * comparison; called by `load.ts` where the caller knows activities.
 */
import { at, pointer } from './cursor.ts'
import { didYouMean } from './did-you-mean.ts'
import type { Draft } from './draft.ts'
import { compileSchemaCheck, SchemaRefused } from './input.ts'
import type { Json, JsonObject, JsonSchema } from './json.ts'
import type { ActivityStep, Template } from './plan.ts'
import { checkKeepsList } from './scope-check.ts'
import { keyRange, nearestNode, segmentsOf } from './source-node.ts'

export type KnownActivities = ReadonlyMap<string, { readonly input?: JsonSchema }>

export function checkActivities(draft: Draft, activities: KnownActivities): void {
  for (const step of draft.steps.values()) {
    if (step.verb !== 'activity') continue
    const cursor = at(draft.stepCursors.get(step.id), 'activity')
    const known = activities.get(step.activity)
    if (known !== undefined) checkInput(draft, step, known.input)
    else if (cursor !== undefined) {
      const meant = didYouMean(step.activity, activities.keys())
      const suggestion = meant === undefined ? undefined : `did you mean \`${meant}\`?`
      draft.report(
        'activity-not-registered',
        cursor,
        `no activity "${step.activity}" is registered here`,
        suggestion,
      )
    }
  }
}

function checkInput(draft: Draft, step: ActivityStep, schema: JsonSchema | undefined): void {
  if (schema === undefined) return
  if (step.input !== undefined) checkLists(draft, step.input, schema, 'the input')
  const open = new Set<string>()
  const value = step.input === undefined ? null : constantPart(step.input, '', open)
  if (open.has('')) return
  const result = checkOf(schema)?.(value)
  if (result === undefined || result.ok) return
  const stepCursor = draft.stepCursors.get(step.id)
  const input = at(stepCursor, 'input') ?? at(stepCursor, 'activity')
  if (input === undefined) return
  for (const { path, message } of result.errors) {
    // A part that is computed may be anything, and what combines it with others may hold or not.
    if ([...open].some((part) => path === part || path.startsWith(`${part}/`))) continue
    if (open.size > 0 && /anyOf|oneOf|"not"|schema is invalid|must NOT be valid|must match/.test(message))
      continue
    const segments = segmentsOf(path)
    const near = nearestNode(input.node, segments)
    const range =
      near.kind === 'scalar'
        ? near.range
        : segments.length === 0
          ? (input.key ?? near.range)
          : keyRange(input.node, segments)
    draft.reporter.report({
      code: 'activity-input-invalid',
      message: `the input of "${step.activity}"${path === '' ? '' : ` at ${path}`} ${message}`,
      path: `${pointer(input)}${path}`,
      range,
    })
  }
}

/** Computed parts that the schema wants as lists. */
function checkLists(draft: Draft, template: Template, schema: Json | undefined, what: string): void {
  if (!isObject(schema)) return
  if (template.kind === 'expression' && schema['type'] === 'array') {
    checkKeepsList(draft, template.expression, what)
  } else if (template.kind === 'map' && isObject(schema['properties'])) {
    for (const [key, value] of template.entries)
      checkLists(draft, value, schema['properties'][key], `"${key}"`)
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value with null where it is computed; their pointers go to `open`. */
function constantPart(template: Template, path: string, open: Set<string>): Json {
  switch (template.kind) {
    case 'constant':
      return template.value
    case 'expression':
      open.add(path)
      return null
    case 'text':
      open.add(path)
      return ''
    case 'list':
      return template.items.map((item, index) => constantPart(item, `${path}/${index}`, open))
    case 'map':
      return Object.fromEntries(
        template.entries.map(([key, value]) => {
          const below = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
          return [key, constantPart(value, below, open)]
        }),
      )
  }
}

/** An activity with a broken schema is refused where it is registered, not here. */
function checkOf(schema: JsonSchema): ReturnType<typeof compileSchemaCheck> | undefined {
  try {
    return compileSchemaCheck(schema)
  } catch (error) {
    if (error instanceof SchemaRefused) return undefined
    throw error
  }
}
