/**
 * Judges the reading of a step's result at one place: whether there is such a step, whether it has run by then, and what hides
 * it otherwise. Owns these messages; called by `checks/scope.ts`, which knows the other names.
 */

import type { DraftStep, ExpressionNote } from '../compile/draft.ts'
import type { StepUse } from '../expressions/facts.ts'
import type { StepId } from '../plan.ts'
import type { ProblemCode } from '../problems/catalogue.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import { reportUse } from './note-report.ts'
import type { Place } from './scope.ts'
import { sameMark, type Visible } from './visibility.ts'

export function checkStepUse(
  place: Place,
  note: ExpressionNote,
  use: StepUse,
  asked: boolean,
  visible: Visible,
): void {
  const { draft } = place.names
  if (!place.roots.has('steps')) return
  const step = draft.steps.get(use.name)
  // The machine itself is a step of the plan alone.
  if (step === undefined && draft.isBroken && draft.writtenWords.has(use.name)) return
  if (step === undefined || step.verb === 'states') {
    const others = Array.from(draft.steps).flatMap(([id, each]) => (each.verb === 'states' ? [] : [id]))
    const meant = didYouMean(use.name, others)
    const suggestion =
      meant === undefined ? 'a step is named by its `id`' : `did you mean \`steps.${meant}\`?`
    reportUse(place, note, use, 'unknown-step', `there is no step "${use.name}"`, suggestion)
    return
  }
  const certainty = visible.get(use.name)
  if (certainty === undefined) {
    const { code, message, suggestion } = whyHidden(place, use.name, visible)
    reportUse(place, note, use, code, message, suggestion)
  } else if (!hasResult(step)) {
    reportUse(
      place,
      note,
      use,
      'step-without-result',
      `the step "${use.name}" has no result`,
      'read what it changes instead',
    )
  } else if (certainty === 'maybe' && !asked && !use.alternative && !place.proven.has(use.name)) {
    const suggestion = `give a default (steps.${use.name} ?? …), or ask with $exists(steps.${use.name})`
    if (use.name === place.attempted) {
      const message = `"${use.name}" may be undone without ever having finished: it has no result then`
      reportUse(place, note, use, 'attempt-without-result', message, suggestion)
      return
    }
    if (place.beside) {
      reportUse(
        place,
        note,
        use,
        'step-may-be-unfinished',
        `the step "${use.name}" may not have run when this is asked`,
        suggestion,
      )
    } else {
      reportUse(
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
    return {
      code: 'step-not-yet-run',
      message: `the step "${id}" reads its own result before it has one`,
      suggestion: 'what an earlier round gave is kept in a variable: set: { … }',
    }
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
