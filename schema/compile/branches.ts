/** Steps that choose or fork: `switch` and `parallel`, to the plan. */

import type { ParallelJoin, ParallelStep, SwitchStep } from '../plan.ts'
import { at, type Cursor, entriesOf, itemsOf, textOf } from '../source/cursor.ts'
import type { CompileBlock, StepBase } from './block.ts'
import type { Draft } from './draft.ts'

export function compileSwitch(
  draft: Draft,
  base: StepBase,
  cursor: Cursor,
  compileBlock: CompileBlock,
): SwitchStep {
  const cases: SwitchStep['cases'][number][] = []
  let otherwise: string | undefined
  for (const [index, entry] of itemsOf(at(cursor, 'switch')).entries()) {
    const name = `${base.id}_${index + 1}`
    const last = at(entry, 'else')
    if (last !== undefined) {
      otherwise = compileBlock(draft, `${base.id}/else`, itemsOf(last), { prefix: `${base.id}_else` })
    } else {
      const when = draft.condition(at(entry, 'when')) ?? -1
      const block = compileBlock(draft, `${base.id}/case/${index}`, itemsOf(at(entry, 'do')), {
        prefix: name,
      })
      cases.push({ when, block })
    }
  }
  return { ...base, verb: 'switch', cases, ...(otherwise === undefined ? {} : { otherwise }) }
}

export function compileParallel(
  draft: Draft,
  base: StepBase,
  cursor: Cursor,
  compileBlock: CompileBlock,
): ParallelStep {
  const { id } = base
  const count = entriesOf(at(cursor, 'parallel')).length
  const join = compileJoin(draft, at(cursor, 'join'), count)
  const branches = entriesOf(at(cursor, 'parallel')).map(([name, branch]) => ({
    name,
    block: compileBlock(draft, `${id}/branch/${name}`, itemsOf(branch), { prefix: `${id}_${name}` }),
  }))
  return { ...base, verb: 'parallel', branches, join }
}

function compileJoin(draft: Draft, cursor: Cursor | undefined, branches: number): ParallelJoin {
  const least = at(cursor, 'atLeast')
  const count = draft.optionalTemplate(least)
  if (count?.kind === 'constant' && Number(count.value) > branches && least !== undefined)
    draft.report(
      'wrong-value',
      least,
      `there are not ${String(count.value)} branches that could succeed`,
      `write a number from 1 to ${branches}`,
    )
  if (count !== undefined) return { kind: 'atLeast', count }
  const kind = textOf(cursor)
  return { kind: kind === 'any' || kind === 'settled' ? kind : 'all' }
}
