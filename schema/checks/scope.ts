/**
 * Judges what one expression names against the scope at its place: names, variables, steps, functions, regular
 * expressions. Owns the messages; `checks/flow.ts` knows what the scope is at each place.
 */
import { RE2JS } from 're2js'
import type { Draft, ExpressionNote } from '../compile/draft.ts'
import type { NameUse, RootUse } from '../expressions/facts.ts'
import { isFunctionName, jsonataFunctions, ownFunctions } from '../expressions/function-names.ts'
import type { JsonSchema } from '../json.ts'
import type { ExpressionIndex, StepId } from '../plan.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import { elsewhere, foreignFunctions, foreignMethods, foreignNames } from '../problems/foreign-names.ts'
import { at, type Cursor } from '../source/cursor.ts'
import { checkFields } from './fields.ts'
import { reportUse } from './note-report.ts'
import { errorShape } from './result-shapes.ts'
import { checkStepUse } from './step-use.ts'
import type { ScopeMark, Visible } from './visibility.ts'

/** What is the same all over a document. */
export interface DocumentNames {
  readonly root: Cursor
  readonly draft: Draft
  readonly variables: ReadonlySet<string>
  readonly inputFields: ReadonlySet<string>
  readonly homes: ReadonlyMap<StepId, readonly ScopeMark[]>
  /** The schema of a step's result, where one is known. */
  results(id: StepId): JsonSchema | undefined
}

/** The scope at one place. */
export interface Place {
  readonly names: DocumentNames
  /** Roots that can be named: `input`, `vars`, …, loop variables. */
  readonly roots: ReadonlySet<string>
  /** Of those roots that have a known one. */
  readonly shapes: ReadonlyMap<string, JsonSchema>
  readonly scopes: readonly ScopeMark[]
  /** The step that a compensation undoes, which may not have finished. */
  readonly attempted?: StepId
  /** Steps that a condition around this place asked for with `$exists`. */
  readonly proven: ReadonlySet<StepId>
  /** Reads the main steps from beside them: they may not have run yet. */
  readonly beside: boolean
  readonly step?: StepId
}

export const workflowFields = ['id', 'runId', 'name', 'version', 'startedAt', 'attempt', 'parent', 'state']

export function checkExpression(place: Place, index: ExpressionIndex | undefined, visible: Visible): void {
  const note = index === undefined ? undefined : place.names.draft.notes[index]
  if (note === undefined) return
  const source = place.names.draft.expressions[index ?? 0]?.source ?? ''
  // Of a name that cannot be written here the name itself was told.
  if ([...place.names.draft.unwritable].some((name) => source.includes(name))) return
  for (const use of note.facts.functions) checkFunction(place, note, use)
  for (const use of note.facts.roots) {
    if (isFunctionValue(place, use, index)) checkFunction(place, note, use)
    else checkRoot(place, note, use, source)
    checkFields(place, note, use)
  }
  const isForeign = note.facts.roots.some((use) => !place.roots.has(use.name) && !isFunctionName(use.name))
  // Of what is called on something unknown, that was told.
  if (!isForeign) for (const use of note.facts.methods) checkMethod(place, note, use)
  for (const use of note.facts.textFilters) checkTextFilter(place, note, use)
  for (const use of note.facts.addedTexts)
    reportUse(place, note, use, 'text-added', `+ adds numbers: ${JSON.stringify(use.name)} is a text`)
  if (!isForeign || note.facts.methods.length === 0)
    for (const use of note.facts.itemHeads) checkItemHead(place, note, use)
  for (const use of note.facts.variables) checkVariable(place, note, use)
  const asked = new Set(note.facts.steps.filter((use) => use.guarded).map((use) => use.name))
  for (const use of note.facts.steps) checkStepUse(place, note, use, asked.has(use.name), visible)
  for (const { pattern, at } of note.facts.regexes) checkRegex(place, note, pattern, at)
}

function checkFunction(place: Place, note: ExpressionNote, use: NameUse): void {
  const { name } = use
  if (name === 'eval') {
    reportUse(place, note, use, 'eval-refused', '$eval is refused')
  } else if (place.roots.has(name)) {
    // Of a name that an author chose, that it hides a function was told where it is chosen.
    if (isFunctionName(name) && place.shapes.get(name) !== errorShape) return
    const message = isFunctionName(name)
      ? `the built-in $${name}() is hidden here by the variable "${name}"`
      : `$${name} is a value here, not a function`
    reportUse(place, note, use, isFunctionName(name) ? 'hidden-function' : 'unknown-function', message)
  } else if (!isFunctionName(name)) {
    const meant = didYouMean(name, [...jsonataFunctions, ...ownFunctions])
    const suggestion = Object.hasOwn(foreignFunctions, name)
      ? foreignFunctions[name]
      : meant === undefined
        ? 'see the functions of JSONata; activities cannot be called from expressions'
        : `did you mean $${meant}?`
    reportUse(place, note, use, 'unknown-function', `there is no function $${name}`, suggestion)
  }
}

function checkTextFilter(place: Place, note: ExpressionNote, use: NameUse): void {
  const { name } = use
  const shown = /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `.\`${name}\``
  const message = `[${JSON.stringify(name)}] reads no field: it is a filter that always holds`
  reportUse(place, note, use, 'text-in-predicate', message, `write ${shown} for the field`)
}

function checkMethod(place: Place, note: ExpressionNote, use: NameUse): void {
  const { name } = use
  const own = Object.hasOwn(foreignMethods, name)
    ? foreignMethods[name]
    : isFunctionName(name)
      ? `$${name}(x)`
      : undefined
  const suggestion =
    own === undefined ? 'functions are called as $name(x); see those of JSONata' : `write ${own}`
  reportUse(place, note, use, 'unknown-function', `values have no methods: there is no "${name}"`, suggestion)
}

/** A built-in that is handed on: `$map(input.names, $uppercase)`. Alone it is no value that a run could keep. */
function isFunctionValue(place: Place, use: RootUse, index: ExpressionIndex | undefined): boolean {
  if (!use.dollar || use.field !== undefined || place.roots.has(use.name) || !isFunctionName(use.name))
    return false
  if (use.name === 'eval') return true
  const source = index === undefined ? undefined : place.names.draft.expressions[index]?.source
  return source?.trim() !== `$${use.name}`
}

function checkRoot(place: Place, note: ExpressionNote, use: RootUse, source: string): void {
  const { name } = use
  if (place.roots.has(name)) {
    if (name !== 'workflow' || use.field === undefined) return
    if (use.field === 'state') checkWorkflowState(place, note, use)
    if (workflowFields.includes(use.field)) return
    const meant = didYouMean(use.field, workflowFields)
    reportUse(
      place,
      note,
      use,
      'unknown-name',
      `\`workflow\` has no "${use.field}"`,
      meant === undefined ? `it has ${workflowFields.join(', ')}` : `did you mean \`workflow.${meant}\`?`,
    )
    return
  }
  const { draft } = place.names
  if (draft.isBroken && draft.writtenWords.has(name)) return
  const written = use.dollar ? `$${name}` : name
  reportUse(
    place,
    note,
    use,
    'unknown-name',
    `"${written}" is not in scope here`,
    suggestRoot(place, note, use, source),
  )
}

/** Nothing elsewhere, which fails a run where no default is given. */
function checkWorkflowState(place: Place, note: ExpressionNote, use: RootUse): void {
  if (use.guarded || at(place.names.root, 'states') !== undefined) return
  const message = '`workflow.state` is the state of a state machine, which this document is none'
  reportUse(place, note, use, 'unknown-name', message, 'keep where the run is in a variable')
}

function suggestRoot(place: Place, note: ExpressionNote, use: RootUse, source: string): string {
  const { name } = use
  const [, variable, list] = /^(\w+)\s+in\s+(.+)$/.exec(source) ?? []
  if (variable === name && note.path.endsWith('/forEach')) return `write forEach: ${list}, and as: ${name}`
  const { names } = place
  if (use.dollar && isFunctionName(name)) return `to call it, write $${name}(…)`
  const own = [...place.shapes].find(([, shape]) => shape === errorShape)?.[0]
  if (name === 'error' && own !== undefined) return `here it is called \`${own}\``
  if (Object.hasOwn(elsewhere, name)) return elsewhere[name] ?? ''
  if (names.draft.steps.has(name)) return `did you mean \`steps.${name}\`?`
  if (names.variables.has(name)) return `did you mean \`vars.${name}\`?`
  if (names.inputFields.has(name)) return `did you mean \`input.${name}\`?`
  if (use.context) return `\`$\` is the whole scope here; write input.${name} for a field of the input`
  const meant = Object.hasOwn(foreignNames, name) ? undefined : didYouMean(name, place.roots)
  if (meant !== undefined) return `did you mean \`${meant}\`?`
  if (Object.hasOwn(foreignNames, name)) return foreignNames[name] ?? ''
  if (isFunctionName(name)) return `the function is written $${name}(…); a text stands in quotes: "${name}"`
  if (!/^\w+$/.test(name)) return 'a text stands in quotes, and is joined with others by &'
  const known = [...place.roots].join(', ')
  return `in scope are ${known}; a text stands in quotes: "${name}"`
}

function checkItemHead(place: Place, note: ExpressionNote, use: RootUse): void {
  if (!place.roots.has(use.name)) return
  const path = use.field === undefined ? use.name : `${use.name}.${use.field}`
  const message = `"${path}" would read a field of the item here, not the scope`
  reportUse(
    place,
    note,
    use,
    'scope-name-in-item',
    message,
    `write $${path} for the scope, or $.${path} for the field of the item`,
  )
}

function checkVariable(place: Place, note: ExpressionNote, use: NameUse): void {
  const { variables } = place.names
  if (!place.roots.has('vars') || variables.has(use.name) || isUnread(place.names.root, 'vars')) return
  reportUse(
    place,
    note,
    use,
    'unknown-variable',
    `the variable "${use.name}" is not declared`,
    suggestVariable(use.name, variables),
  )
}

/** A part that should be a map and is none, which was told: what it declares is not known. */
export function isUnread(root: Cursor, part: string): boolean {
  const cursor = at(root, part)
  return cursor !== undefined && cursor.node.kind !== 'map'
}

export function suggestVariable(name: string, variables: ReadonlySet<string>): string {
  const bare = name.replace(/^\$?vars\./, '')
  const meant = variables.has(bare) ? bare : didYouMean(bare, variables)
  if (meant !== undefined) return `did you mean \`${meant}\`?`
  return `declare it under \`vars\`: ${name}: null`
}

/** Where a list is certainly expected, tells of an expression that may give its one item bare. */
export function checkKeepsList(draft: Draft, index: ExpressionIndex, what: string): void {
  const note = draft.notes[index]
  const expression = draft.expressions[index]
  if (note === undefined || expression === undefined || !note.facts.mayCollapse) return
  const message = `${what} is a list, and this filter gives one match bare and none as nothing`
  const range = note.rangeOf(0, expression.source.length)
  draft.reporter.report({ code: 'list-may-collapse', message, path: note.path, range })
}

function checkRegex(place: Place, note: ExpressionNote, pattern: RegExp, at: number): void {
  try {
    RE2JS.compile(pattern.source)
  } catch {
    const use = { at, length: pattern.source.length + 2 }
    reportUse(place, note, use, 'unsafe-regex', `/${pattern.source}/ cannot run in linear time`)
  }
}
