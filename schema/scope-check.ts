/**
 * Judges what one expression names against the scope at its place: names, variables, steps, functions, regular
 * expressions. Owns the messages; `flow-check.ts` knows what the scope is at each place.
 */
import { RE2JS } from 're2js'
import { at, type Cursor } from './cursor.ts'
import { didYouMean } from './did-you-mean.ts'
import type { Draft, DraftStep, ExpressionNote } from './draft.ts'
import type { NameUse, RootUse, StepUse } from './expression-facts.ts'
import { checkFields } from './field-check.ts'
import { isFunctionName, jsonataFunctions, ownFunctions } from './function-names.ts'
import type { JsonSchema } from './json.ts'
import type { ExpressionIndex, StepId } from './plan.ts'
import type { ProblemCode } from './problem-catalogue.ts'
import { type ScopeMark, sameMark, type Visible } from './visibility.ts'

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
  for (const use of note.facts.functions) checkFunction(place, note, use)
  for (const use of note.facts.roots) {
    if (isFunctionValue(place, use, index)) checkFunction(place, note, use)
    else checkRoot(place, note, use)
    checkFields(place, note, use)
  }
  for (const use of note.facts.methods) checkMethod(place, note, use)
  for (const use of note.facts.addedTexts)
    report(place, note, use, 'text-added', `+ adds numbers: ${JSON.stringify(use.name)} is a text`)
  for (const use of note.facts.itemHeads) checkItemHead(place, note, use)
  for (const use of note.facts.variables) checkVariable(place, note, use)
  const asked = new Set(note.facts.steps.filter((use) => use.guarded).map((use) => use.name))
  for (const use of note.facts.steps) checkStepUse(place, note, use, asked.has(use.name), visible)
  for (const { pattern, at } of note.facts.regexes) checkRegex(place, note, pattern, at)
}

function report(
  place: Place,
  note: ExpressionNote,
  use: { readonly at: number; readonly length: number },
  code: ProblemCode,
  message: string,
  suggestion?: string,
): void {
  const range = note.rangeOf(use.at, use.length)
  place.names.draft.reporter.report({ code, message, path: note.path, range, suggestion })
}

function checkFunction(place: Place, note: ExpressionNote, use: NameUse): void {
  const { name } = use
  if (name === 'eval') {
    report(place, note, use, 'eval-refused', '$eval is refused')
  } else if (place.roots.has(name)) {
    const message = isFunctionName(name)
      ? `the built-in $${name}() is hidden here by the variable "${name}"`
      : `$${name} is a value here, not a function`
    report(place, note, use, isFunctionName(name) ? 'hidden-function' : 'unknown-function', message)
  } else if (!isFunctionName(name)) {
    const meant = didYouMean(name, [...jsonataFunctions, ...ownFunctions])
    const suggestion =
      meant === undefined
        ? 'see the functions of JSONata; activities cannot be called from expressions'
        : `did you mean $${meant}?`
    report(place, note, use, 'unknown-function', `there is no function $${name}`, suggestion)
  }
}

/** What methods of other languages are called here. */
const methods: { readonly [name: string]: string } = {
  toUpperCase: '$uppercase(x)',
  toLowerCase: '$lowercase(x)',
  toString: '$string(x)',
  includes: '$contains(x, text), or `value in list`',
  indexOf: '$contains(x, text), or `value in list`',
  startsWith: '$match(x, /^…/), or $substring(x, 0, n) = text',
  slice: '$substring(x, start, length), or x[[0..n]]',
  forEach: 'x.(…), or the verb `forEach`',
  concat: '$append(x, y), or x & y for texts',
  push: '$append(x, y)',
  size: '$count(x)',
  keys: '$keys(x)',
}

function checkMethod(place: Place, note: ExpressionNote, use: NameUse): void {
  const { name } = use
  const own = Object.hasOwn(methods, name) ? methods[name] : isFunctionName(name) ? `$${name}(x)` : undefined
  const suggestion =
    own === undefined ? 'functions are called as $name(x); see those of JSONata' : `write ${own}`
  report(place, note, use, 'unknown-function', `values have no methods: there is no "${name}"`, suggestion)
}

/** A built-in that is handed on: `$map(input.names, $uppercase)`. Alone it is no value that a run could keep. */
function isFunctionValue(place: Place, use: RootUse, index: ExpressionIndex | undefined): boolean {
  if (!use.dollar || use.field !== undefined || place.roots.has(use.name) || !isFunctionName(use.name))
    return false
  const source = index === undefined ? undefined : place.names.draft.expressions[index]?.source
  return source?.trim() !== `$${use.name}`
}

/** Where the names that only some places have can be read. */
const elsewhere: { readonly [name: string]: string } = {
  signal: '`signal` is in scope in the `do` of a signal and in `where`',
  update: '`update` is in scope in updates',
  query: '`query` is in scope in a query with `schema` and `return`',
  error: '`error` is in scope in `catch` and `finally`',
  steps: '`steps` is not in scope here: no step has run yet',
  vars: '`vars` is not in scope here: variables are being made',
}

function checkRoot(place: Place, note: ExpressionNote, use: RootUse): void {
  const { name } = use
  if (place.roots.has(name)) {
    if (name !== 'workflow' || use.field === undefined) return
    if (use.field === 'state') checkWorkflowState(place, note, use)
    if (workflowFields.includes(use.field)) return
    const meant = didYouMean(use.field, workflowFields)
    report(
      place,
      note,
      use,
      'unknown-name',
      `\`workflow\` has no "${use.field}"`,
      meant === undefined ? `it has ${workflowFields.join(', ')}` : `did you mean \`workflow.${meant}\`?`,
    )
    return
  }
  const written = use.dollar ? `$${name}` : name
  report(place, note, use, 'unknown-name', `"${written}" is not in scope here`, suggestRoot(place, use))
}

const environment = 'a run reads nothing around it, so that it can be replayed: hand it in as `input`'

/** Names that expressions of other languages have. */
const foreignNames: { readonly [name: string]: string } = {
  not: 'there is no operator `not`; write $not(…)',
  None: 'nothing is written null; ask with $exists(…)',
  nil: 'nothing is written null; ask with $exists(…)',
  undefined: 'nothing is written null; ask with $exists(…)',
  True: 'write true',
  False: 'write false',
  TRUE: 'write true',
  FALSE: 'write false',
  len: 'write $count(…) for a list, $length(…) for a text',
  size: 'write $count(…) for a list, $length(…) for a text',
  str: 'write $string(…)',
  int: 'write $number(…)',
  env: environment,
  secrets: 'secrets belong to the code of activities: what a run holds is stored and shown',
  github: environment,
  process: environment,
  context: '`workflow` has id, runId, name, version and more; what a run is given is `input`',
  ctx: '`workflow` has id, runId, name, version and more; what a run is given is `input`',
  execution: 'the run is `workflow`: workflow.id, workflow.runId',
  variables: 'did you mean `vars`?',
  outputs: 'the result of a step is steps.<id>',
  jobs: 'the result of a step is steps.<id>',
  result: 'the result of a step is steps.<id>',
  data: 'did you mean `input`?',
  params: 'did you mean `input`?',
  args: 'did you mean `input`?',
}

/** Nothing elsewhere, which fails a run where no default is given. */
function checkWorkflowState(place: Place, note: ExpressionNote, use: RootUse): void {
  if (use.guarded || at(place.names.root, 'states') !== undefined) return
  const message = '`workflow.state` is the state of a state machine, which this document is none'
  report(place, note, use, 'unknown-name', message, 'keep where the run is in a variable')
}

function suggestRoot(place: Place, use: RootUse): string {
  const { name } = use
  const { names } = place
  if (use.dollar && isFunctionName(name)) return `to call it, write $${name}(…)`
  if (Object.hasOwn(elsewhere, name)) return elsewhere[name] ?? ''
  if (names.draft.steps.has(name)) return `did you mean \`steps.${name}\`?`
  if (names.variables.has(name)) return `did you mean \`vars.${name}\`?`
  if (names.inputFields.has(name)) return `did you mean \`input.${name}\`?`
  if (use.context) return `\`$\` is the whole scope here; write input.${name} for a field of the input`
  const meant = Object.hasOwn(foreignNames, name) ? undefined : didYouMean(name, place.roots)
  if (meant !== undefined) return `did you mean \`${meant}\`?`
  if (Object.hasOwn(foreignNames, name)) return foreignNames[name] ?? ''
  if (isFunctionName(name)) return `the function is written $${name}(…); a text stands in quotes: "${name}"`
  const known = [...place.roots].join(', ')
  return `in scope are ${known}; a text stands in quotes: "${name}"`
}

function checkItemHead(place: Place, note: ExpressionNote, use: RootUse): void {
  if (!place.roots.has(use.name)) return
  const path = use.field === undefined ? use.name : `${use.name}.${use.field}`
  const message = `"${path}" would read a field of the item here, not the scope`
  report(
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
  if (!place.roots.has('vars') || variables.has(use.name)) return
  report(
    place,
    note,
    use,
    'unknown-variable',
    `the variable "${use.name}" is not declared`,
    suggestVariable(use.name, variables),
  )
}

export function suggestVariable(name: string, variables: ReadonlySet<string>): string {
  const meant = didYouMean(name, variables)
  if (meant !== undefined) return `did you mean \`${meant}\`?`
  return `declare it under \`vars\`: ${name}: null`
}

function checkStepUse(
  place: Place,
  note: ExpressionNote,
  use: StepUse,
  asked: boolean,
  visible: Visible,
): void {
  const { draft } = place.names
  if (!place.roots.has('steps')) return
  const step = draft.steps.get(use.name)
  if (step === undefined) {
    const meant = didYouMean(use.name, draft.steps.keys())
    const suggestion =
      meant === undefined ? 'a step is named by its `id`' : `did you mean \`steps.${meant}\`?`
    report(place, note, use, 'unknown-step', `there is no step "${use.name}"`, suggestion)
    return
  }
  const certainty = visible.get(use.name)
  if (certainty === undefined) {
    const { code, message, suggestion } = whyHidden(place, use.name, visible)
    report(place, note, use, code, message, suggestion)
  } else if (!hasResult(step)) {
    report(
      place,
      note,
      use,
      'step-without-result',
      `the step "${use.name}" has no result`,
      'read what it changes instead',
    )
  } else if (certainty === 'maybe' && !asked && !place.proven.has(use.name)) {
    const suggestion = `give a default (steps.${use.name} ?? …), or ask with $exists(steps.${use.name})`
    if (use.name === place.attempted) {
      const message = `"${use.name}" may be undone without ever having finished: it has no result then`
      report(place, note, use, 'attempt-without-result', message, suggestion)
      return
    }
    if (place.beside) {
      report(
        place,
        note,
        use,
        'step-may-be-unfinished',
        `the step "${use.name}" may not have run when this is asked`,
        suggestion,
      )
    } else {
      report(
        place,
        note,
        use,
        'step-may-be-skipped',
        `the step "${use.name}" may have no result here: skipped, or left before its end`,
        suggestion,
      )
    }
  }
}

const withoutResult: ReadonlySet<DraftStep['verb']> = new Set([
  'set',
  'signal',
  'emit',
  'fail',
  'return',
  'continueAsNew',
  'states',
])

function hasResult(step: DraftStep): boolean {
  if (step.verb === 'wait') return step.for.kind === 'signal' || step.for.kind === 'condition'
  return !withoutResult.has(step.verb)
}

function whyHidden(
  place: Place,
  id: StepId,
  visible: Visible,
): { readonly code: ProblemCode; readonly message: string; readonly suggestion?: string } {
  if (id === place.step)
    return { code: 'step-not-yet-run', message: `the step "${id}" reads its own result before it has one` }
  const foreign = (place.names.homes.get(id) ?? []).find(
    (mark) => !place.scopes.some((own) => sameMark(own, mark)),
  )
  const outside = (message: string, suggestion: string) => ({
    code: 'step-out-of-scope' as const,
    message,
    suggestion,
  })
  if (
    foreign?.kind === 'branch' &&
    place.scopes.some((own) => own.kind === 'branch' && own.owner === foreign.owner)
  ) {
    return outside(
      `the step "${id}" is in another branch, "${foreign.name}", which may not have got there`,
      'move it before the `parallel`, or read it after',
    )
  }
  if (foreign?.kind === 'iteration' && visible.get(foreign.owner) !== undefined) {
    return outside(
      `the step "${id}" is inside the loop "${foreign.owner}": results of iterations are dropped`,
      `read steps.${foreign.owner}, and choose with \`collect\` what it holds`,
    )
  }
  if (foreign?.kind === 'handler') {
    return outside(`the step "${id}" belongs to the handler "${foreign.name}"`, 'hand values over with `set`')
  }
  if (foreign?.kind === 'compensation') {
    return outside(
      `the step "${id}" belongs to the compensation of "${foreign.owner}"`,
      'only that compensation sees it',
    )
  }
  return {
    code: 'step-not-yet-run',
    message: `the step "${id}" runs later, so it has no result here`,
    suggestion: 'move the step up, or this reading of it down',
  }
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
    report(place, note, use, 'unsafe-regex', `/${pattern.source}/ cannot run in linear time`)
  }
}
