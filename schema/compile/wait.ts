/** A `wait` step in each of its forms to the plan. */

import { quotedTemplate } from '../expressions/template-text.ts'
import type { WaitFor, WaitStep } from '../plan.ts'
import { at, type Cursor, textOf } from '../source/cursor.ts'
import type { StepBase } from './block.ts'
import { type Draft, isUnterminated } from './draft.ts'

export function compileWait(draft: Draft, base: StepBase, cursor: Cursor): WaitStep {
  return { ...base, verb: 'wait', for: waitFor(draft, at(cursor, 'wait')) }
}

const forever: WaitFor = { kind: 'duration', duration: { ms: 0 } }

function waitFor(draft: Draft, written: Cursor | undefined): WaitFor {
  if (written === undefined) return forever
  if (written.node.kind !== 'map') return durationOf(draft, written)
  const atMost = draft.duration(at(written, 'atMost'))
  const bound = atMost === undefined ? {} : { atMost }
  const signal = textOf(at(written, 'signal'))
  if (signal !== undefined) {
    const where = draft.condition(at(written, 'where'))
    return { kind: 'signal', signal, ...(where === undefined ? {} : { where }), ...bound }
  }
  if (at(written, 'condition') !== undefined) {
    return { kind: 'condition', condition: draft.condition(at(written, 'condition')) ?? -1, ...bound }
  }
  const until = at(written, 'until')
  if (until !== undefined) return { kind: 'until', time: untilTime(draft, until) }
  const duration = at(written, 'for')
  return duration === undefined ? forever : durationOf(draft, duration)
}

function durationOf(draft: Draft, written: Cursor): WaitFor {
  return { kind: 'duration', duration: draft.duration(written) ?? { ms: 0 } }
}

const instant = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/

function untilTime(draft: Draft, written: Cursor): ReturnType<Draft['template']> {
  const template = draft.template(written)
  if (template.kind === 'constant' && !isUnterminated(written)) {
    const { value } = template
    const isTime = typeof value === 'string' && instant.test(value) && !Number.isNaN(Date.parse(value))
    if (!isTime)
      draft.report(
        'bad-time',
        written,
        `${JSON.stringify(value)} is not a point in time`,
        expressionMeant(value),
      )
  }
  return template
}

/** `until: input.when`, which is a template, and so a text as it stands. */
function expressionMeant(value: unknown): string | undefined {
  return typeof value === 'string' && /^\$?(?:input|vars|steps|workflow)\b/.test(value)
    ? `if its value is meant, write ${quotedTemplate(value)}`
    : undefined
}
