/** Steps that choose or fork: `switch` and `parallel`, to the plan. */
import { compileBlock, type StepBase } from './compile-step.ts'
import { at, type Cursor, entriesOf, itemsOf, textOf } from './cursor.ts'
import type { Draft } from './draft.ts'
import type { ParallelJoin, ParallelStep, SwitchStep } from './plan.ts'

export function compileSwitch(draft: Draft, base: StepBase, cursor: Cursor): SwitchStep {
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

export function compileParallel(draft: Draft, base: StepBase, cursor: Cursor): ParallelStep {
  const { id } = base
  const join = compileJoin(draft, at(cursor, 'join'))
  const branches = entriesOf(at(cursor, 'parallel')).map(([name, branch]) => ({
    name,
    block: compileBlock(draft, `${id}/branch/${name}`, itemsOf(branch), { prefix: `${id}_${name}` }),
  }))
  return { ...base, verb: 'parallel', branches, join }
}

function compileJoin(draft: Draft, cursor: Cursor | undefined): ParallelJoin {
  const count = draft.optionalTemplate(at(cursor, 'atLeast'))
  if (count !== undefined) return { kind: 'atLeast', count }
  const kind = textOf(cursor)
  return { kind: kind === 'any' || kind === 'settled' ? kind : 'all' }
}
