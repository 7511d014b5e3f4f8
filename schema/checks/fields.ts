/**
 * Fields that an expression reads of what has a known schema: the input, messages, errors, results of steps. Owns these
 * findings; what schemas say is `schema-fields.ts`'s. Called by `checks/scope.ts` for each name at the root of a path.
 */

import type { ExpressionNote } from '../compile/draft.ts'
import type { NameUse, RootUse } from '../expressions/facts.ts'
import type { JsonSchema } from '../json.ts'
import type { ExpressionIndex } from '../plan.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import { followFields, itemSchema } from './schema-fields.ts'
import type { Place } from './scope.ts'

export function checkFields(place: Place, note: ExpressionNote, use: RootUse): void {
  if (use.name === 'steps') {
    const [step, ...fields] = use.fields
    const shape = step && place.names.results(step.name)
    if (step !== undefined) check(place, note, use, shape, `steps.${step.name}`, fields)
    return
  }
  check(place, note, use, place.shapes.get(use.name), use.name, use.fields)
}

/** Of a list that is named by a path alone, such as `input.items`. */
export function itemShape(place: Place, index: ExpressionIndex): JsonSchema | undefined {
  const { draft } = place.names
  const [use, ...others] = draft.notes[index]?.facts.roots ?? []
  if (use === undefined || others.length > 0) return undefined
  const names = use.fields.map(({ name }) => name)
  if (draft.expressions[index]?.source !== [use.name, ...names].join('.')) return undefined
  const [step, ...fields] = names
  const shape = use.name === 'steps' ? step && place.names.results(step) : place.shapes.get(use.name)
  if (shape === undefined || shape === '') return undefined
  return itemSchema(shape, use.name === 'steps' ? fields : names)
}

function check(
  place: Place,
  note: ExpressionNote,
  use: RootUse,
  shape: JsonSchema | undefined,
  of: string,
  fields: readonly NameUse[],
): void {
  const [first] = fields
  if (shape === undefined || first === undefined) return
  const names = fields.map(({ name }) => name)
  const finding = followFields(shape, names)
  const field = finding && fields[finding.index]
  if (finding === undefined || field === undefined) return
  const before = [of, ...names.slice(0, finding.index)].join('.')
  const { reporter } = place.names.draft
  const common = { path: note.path, range: note.rangeOf(field.at, field.length) }
  if (finding.kind === 'no-fields') {
    const message = `\`${before}\` is a ${finding.type}, which has no field "${field.name}"`
    reporter.report({ code: 'unknown-field', message, ...common })
    return
  }
  const meant = didYouMean(field.name, finding.known)
  const suggestion =
    meant === undefined
      ? finding.known.length === 0
        ? 'its schema allows no field at all'
        : `it has ${finding.known.join(', ')}`
      : `did you mean \`${before}.${meant}\`?`
  if (finding.closed) {
    const message = `\`${before}\` has no field "${field.name}"`
    reporter.report({ code: 'unknown-field', message, suggestion, ...common })
  } else if (!use.guarded) {
    const message = `the schema of \`${before}\` does not name "${field.name}"`
    reporter.report({ code: 'undeclared-field', message, suggestion, ...common })
  }
}
