/** A `workflow` step, which starts a child, to the plan. */

import type { WorkflowStep } from '../plan.ts'
import { at, type Cursor, jsonOf, textOf } from '../source/cursor.ts'
import type { CompileBlock, StepBase } from './block.ts'
import { cancellationOf, compileCompensation } from './compensation.ts'
import type { Draft } from './draft.ts'
import { compileRetry } from './retry.ts'

export function compileChild(
  draft: Draft,
  base: StepBase,
  cursor: Cursor,
  compileBlock: CompileBlock,
): WorkflowStep {
  const versionRange = draft.optionalTemplate(at(cursor, 'version'))
  const input = draft.optionalTemplate(at(cursor, 'input'))
  const workflowId = draft.optionalTemplate(at(cursor, 'workflowId'))
  const retry = compileRetry(draft, at(cursor, 'retry'))
  const compensation = compileCompensation(draft, base.id, cursor, compileBlock)
  const detached = jsonOf(at(cursor, 'detached')) === true
  return {
    ...base,
    verb: 'workflow',
    workflow: textOf(at(cursor, 'workflow')) ?? '',
    ...(versionRange === undefined ? {} : { versionRange }),
    ...(input === undefined ? {} : { input }),
    ...(workflowId === undefined ? {} : { workflowId }),
    onParentClose: onParentCloseOf(draft, at(cursor, 'onParentClose'), detached),
    cancellation: cancellationOf(cursor, compensation !== undefined),
    ...retry,
    ...(compensation === undefined ? {} : { compensation }),
    detached,
  }
}

function onParentCloseOf(
  draft: Draft,
  cursor: Cursor | undefined,
  detached: boolean,
): WorkflowStep['onParentClose'] {
  const written = textOf(cursor)
  if (!detached) return written === 'cancel' || written === 'abandon' ? written : 'terminate'
  if (cursor !== undefined && written !== 'abandon') {
    const message = `a detached child is left alone: \`onParentClose: ${String(written)}\` contradicts it`
    draft.report('wrong-value', cursor, message, 'leave `onParentClose` out, or `detached`')
  }
  return 'abandon'
}
