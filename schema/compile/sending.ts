/** Steps that send something out of the run: `signal`, `emit`, `continueAsNew`, to the plan. */

import type { ContinueAsNewStep, EmitStep, SignalStep, Template } from '../plan.ts'
import { at, type Cursor, textOf } from '../source/cursor.ts'
import type { StepBase } from './block.ts'
import type { Draft } from './draft.ts'

/** The schema asks for the keys that must be there; a draft is made all the same. */
const missing: Template = { kind: 'constant', value: '' }

export function compileSignalStep(draft: Draft, base: StepBase, cursor: Cursor): SignalStep {
  const written = at(cursor, 'signal')
  const workflowId = draft.optionalTemplate(at(written, 'workflowId')) ?? missing
  const name = textOf(at(written, 'name')) ?? ''
  const input = draft.optionalTemplate(at(written, 'input'))
  return { ...base, verb: 'signal', workflowId, name, ...(input === undefined ? {} : { input }) }
}

export function compileEmit(draft: Draft, base: StepBase, cursor: Cursor): EmitStep {
  const written = at(cursor, 'emit')
  const type = draft.optionalTemplate(at(written, 'type')) ?? missing
  const data = draft.optionalTemplate(at(written, 'data'))
  const subject = draft.optionalTemplate(at(written, 'subject'))
  return {
    ...base,
    verb: 'emit',
    type,
    ...(data === undefined ? {} : { data }),
    ...(subject === undefined ? {} : { subject }),
  }
}

export function compileContinueAsNew(draft: Draft, base: StepBase, cursor: Cursor): ContinueAsNewStep {
  const written = at(cursor, 'continueAsNew')
  const input = draft.optionalTemplate(at(written, 'input'))
  const version = draft.optionalTemplate(at(written, 'version'))
  return {
    ...base,
    verb: 'continueAsNew',
    ...(input === undefined ? {} : { input }),
    ...(version === undefined ? {} : { version }),
  }
}
