/** What a document declares and never uses: variables that nothing reads, signals that nothing takes. Called by `load.ts`. */
import type { DraftDocument } from '../compile/compile.ts'
import type { Draft } from '../compile/draft.ts'
import type { ProblemCode } from '../problems/catalogue.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import { at, type Cursor, entriesOf, pointer } from '../source/cursor.ts'

/** Each unused name is compared with each of these. */
const mostCompared = 100
/** The text is searched for each unused variable of a document that has errors. */
const mostSearched = 100

export function checkUses(draft: Draft, root: Cursor, document: DraftDocument): void {
  checkVariables(draft, root)
  checkSignals(draft, root, document)
}

function checkVariables(draft: Draft, root: Cursor): void {
  if (draft.notes.some(({ facts }) => facts.allVariables)) return
  const read = new Set<string>()
  for (const { facts, path } of draft.notes) {
    // `count: ${ vars.count + 1 }` alone counts for nobody.
    const own = /\/set\/([A-Za-z_][A-Za-z0-9_]*)(?:\/|$)/.exec(path)?.[1]
    for (const { name } of facts.variables) if (name !== own) read.add(name)
  }
  const assigned = new Set(
    [...draft.steps.values()].flatMap((step) =>
      step.verb === 'set' ? step.assignments.map(([name]) => name) : [],
    ),
  )
  let searched = 0
  for (const [name, cursor] of entriesOf(at(root, 'vars'))) {
    if (read.has(name)) continue
    // What reads it may not have been understood.
    if (draft.reporter.hasErrors && (++searched > mostSearched || isNamed(draft, name))) continue
    const what = assigned.has(name) ? 'is set and never read' : 'is never read'
    report(draft, 'unused-variable', cursor, `the variable "${name}" ${what}`)
  }
}

function checkSignals(draft: Draft, root: Cursor, document: DraftDocument): void {
  const taken = new Set<string>()
  const undeclared = new Set<string>()
  const declared = at(root, 'signals')
  for (const step of draft.steps.values()) {
    if (step.verb === 'wait' && step.for.kind === 'signal') taken.add(step.for.signal)
    if (step.verb !== 'states') continue
    for (const state of Object.values(step.states)) {
      for (const name of Object.keys(state.on)) {
        taken.add(name)
        if (at(declared, name) === undefined) undeclared.add(name)
      }
    }
  }
  for (const [name, cursor] of entriesOf(declared)) {
    if (draft.reporter.hasErrors && draft.writtenWords.has(name)) continue
    if (taken.has(name) || document.signals.get(name)?.block !== undefined) continue
    const meant = undeclared.size > mostCompared ? undefined : didYouMean(name, undeclared)
    const suggestion =
      meant === undefined ? undefined : `an \`on\` names \`${meant}\`: is "${name}" meant there?`
    report(draft, 'unused-signal', cursor, `nothing takes the signal "${name}"`, suggestion)
  }
}

function isNamed({ text, unwritable }: Draft, name: string): boolean {
  return text.includes(`vars.${name}`) || unwritable.has(name)
}

function report(draft: Draft, code: ProblemCode, cursor: Cursor, message: string, suggestion?: string): void {
  const range = cursor.key ?? cursor.node.range
  draft.reporter.report({ code, message, path: pointer(cursor), range, suggestion })
}
