/** `compensate` of a step to a block of its own, with what it keeps of the scope around it. */

import type { CancellationMode, PlanCompensation, StepId } from '../plan.ts'
import { at, type Cursor, itemsOf, textOf } from '../source/cursor.ts'
import type { CompileBlock } from './block.ts'
import type { Draft } from './draft.ts'
import { foldReferences } from './references.ts'

export function compileCompensation(
  draft: Draft,
  id: StepId,
  cursor: Cursor,
  compileBlock: CompileBlock,
): PlanCompensation | undefined {
  const written = at(cursor, 'compensate')
  if (written === undefined) return undefined
  // Named as one step, it needs no number.
  const single = written.node.kind !== 'list'
  const steps = single ? [written] : itemsOf(written)
  const first = draft.notes.length
  const block = compileBlock(draft, `${id}/compensate`, steps, { prefix: `${id}_compensate`, single })
  const captures = foldReferences(draft.notes.slice(first).map((note) => note.facts))
  const own = ownSteps(draft, block)
  return {
    block,
    when: textOf(at(cursor, 'compensateWhen')) === 'attempted' ? 'attempted' : 'completed',
    captures: {
      ...captures,
      steps: captures.steps === '*' ? '*' : captures.steps.filter((name) => !own.has(name)),
    },
  }
}

/** Ids of the block and of the blocks inside it: theirs are results of the compensation, not of the scope it captures. */
function ownSteps(draft: Draft, block: string): ReadonlySet<StepId> {
  const own = new Set<StepId>()
  const waiting = [block]
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    for (const id of draft.blocks.get(key) ?? []) {
      own.add(id)
      for (const inner of draft.blocks.keys()) if (inner.startsWith(`${id}/`)) waiting.push(inner)
    }
  }
  return own
}

/** What is undone must be known to be done: so the step waits for its outcome. */
export function cancellationOf(cursor: Cursor, compensated: boolean): CancellationMode {
  const written = textOf(at(cursor, 'cancellation'))
  if (written === 'try' || written === 'wait' || written === 'abandon') return written
  return compensated ? 'wait' : 'try'
}
