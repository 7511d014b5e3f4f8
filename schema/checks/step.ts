/**
 * What is judged of one step at its place: its id, its signal, the variables that it assigns, whether it may end the run
 * there. Owns these findings and how they are placed; `checks/flow.ts` knows the place.
 */

import type { DraftStep } from '../compile/draft.ts'
import type { StepId, Template } from '../plan.ts'
import type { ProblemCode } from '../problems/catalogue.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import { at, type Cursor, pointer } from '../source/cursor.ts'
import type { Walk } from './flow.ts'
import { checkKeepsList, isUnread, suggestVariable } from './scope.ts'

export function checkMissingId(walk: Walk, step: DraftStep): void {
  const cursor = walk.names.draft.stepCursors.get(step.id)
  const verb = step.verb === 'unsupported' ? step.written : step.verb
  const matters = ['activity', 'workflow', 'wait', 'task', 'forEach', 'while', 'until'].includes(verb)
  if (walk.inCompensation || !matters || at(cursor, 'id') !== undefined) return
  reportStep(
    walk,
    'missing-id',
    step.id,
    `this \`${verb}\` has no id: history names it "${step.id}", after its position`,
    verb,
  )
}

export function checkReturn(walk: Walk, id: StepId, verb: string): void {
  if (walk.noReturn === undefined) return
  reportStep(walk, 'return-not-allowed', id, `\`${verb}\` is refused in ${walk.noReturn}`, verb)
}

export function checkAssignment(walk: Walk, set: Cursor | undefined, name: string, value: Template): void {
  const { variables } = walk.names
  if (!variables.has(name) && !isUnread(walk.names.root, 'vars')) {
    const message = `the variable "${name}" is not declared`
    reportAt(walk, 'unknown-variable', at(set, name), message, suggestVariable(name, variables), true)
  }
  if (value.kind !== 'expression') return
  const initial = walk.document.vars.find(([variable]) => variable === name)?.[1]
  const isList = initial?.kind === 'list' || (initial?.kind === 'constant' && Array.isArray(initial.value))
  if (isList) checkKeepsList(walk.names.draft, value.expression, `the variable "${name}"`)
}

export function checkWaitSignal(walk: Walk, id: StepId, name: string): void {
  const cursor = at(at(walk.names.draft.stepCursors.get(id), 'wait'), 'signal')
  const { signals } = walk.document
  const signal = signals.get(name)
  if (signal === undefined) {
    if (isUnread(walk.names.root, 'signals')) return
    const meant = didYouMean(name, signals.keys())
    const suggestion =
      meant === undefined ? `declare it: signals: { ${name}: { schema: … } }` : `did you mean \`${meant}\`?`
    reportAt(walk, 'unknown-signal', cursor, `the signal "${name}" is not declared`, suggestion)
  } else if (signal.block !== undefined) {
    reportAt(walk, 'signal-with-do', cursor, `the signal "${name}" is taken by its own \`do\` steps`)
  }
}

export function reportStep(walk: Walk, code: ProblemCode, id: StepId, message: string, key?: string): void {
  const step = walk.names.draft.stepCursors.get(id)
  const cursor = key === undefined ? undefined : at(step, key)
  if (cursor !== undefined) reportAt(walk, code, cursor, message, undefined, true)
  else if (step !== undefined) {
    const { start } = step.node.range
    walk.names.draft.reporter.report({ code, message, path: pointer(step), range: { start, end: start + 1 } })
  }
}

export function reportAt(
  walk: Walk,
  code: ProblemCode,
  cursor: Cursor | undefined,
  message: string,
  suggestion?: string,
  atKey = false,
): void {
  if (cursor === undefined) return
  const range = atKey && cursor.key !== undefined ? cursor.key : cursor.node.range
  walk.names.draft.reporter.report({ code, message, path: pointer(cursor), range, suggestion })
}
