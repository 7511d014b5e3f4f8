/** The state-machine form as nodes and edges: states, their steps, and every transition with what takes it. */

import type { Plan, PlanState, PlanTransition, StatesStep } from '../plan.ts'
import type { OpenEnd } from './builder.ts'
import type { FlowGraph } from './flow.ts'
import { durationText, errorsText, templateText } from './text.ts'

export function addStates(flow: FlowGraph, step: StatesStep, begin: readonly OpenEnd[]): void {
  const { builder } = flow
  const inside = { step: step.id, verb: step.verb, parent: step.id }
  const label = step.named ? step.id : 'states'
  builder.node({
    id: step.id,
    kind: 'group',
    step: step.id,
    verb: step.verb,
    label,
    detail: [],
    line: step.place.line,
  })
  for (const [name, state] of Object.entries(step.states)) {
    const id = stateId(name)
    builder.node({
      ...inside,
      id,
      kind: 'state',
      label: name,
      detail: endingOf(flow.plan, state),
      ...(state.ending === undefined ? {} : { ending: state.ending.kind }),
      line: state.place.line,
    })
    if (state.block !== undefined) flow.block(state.block, id, [])
  }
  builder.connect(begin, stateId(step.initial))
  for (const [name, state] of Object.entries(step.states)) addTransitions(flow, step, name, state)
}

function stateId(name: string): string {
  return `states/${name}`
}

function endingOf(plan: Plan, { ending }: PlanState): readonly string[] {
  if (ending === undefined) return []
  if (ending.kind === 'return') return [`return ${templateText(plan, ending.value)}`]
  return [ending.failure.kind === 'rethrow' ? 'rethrow' : `fail ${templateText(plan, ending.failure.type)}`]
}

function addTransitions(flow: FlowGraph, step: StatesStep, name: string, state: PlanState): void {
  const add = (transition: PlanTransition, taken: string) => {
    const when = transition.when === undefined ? '' : ` [${flow.source(transition.when)}]`
    const label = `${taken}${when}`.trim()
    let ends: readonly OpenEnd[] = [
      { from: stateId(name), kind: 'transition', ...(label === '' ? {} : { label }) },
    ]
    if (transition.block !== undefined) {
      const id = transition.block
      const line = transition.place.line
      const way = { id, kind: 'group' as const, step: step.id, verb: step.verb, parent: step.id, line }
      flow.builder.node({ ...way, label: 'on the way', detail: [] })
      ends = flow.block(id, id, ends)
    }
    flow.builder.connect(ends.map(asTransition), stateId(transition.to))
  }
  for (const transition of state.next) add(transition, state.block === undefined ? '' : 'done')
  for (const { errors, transition } of state.catches) add(transition, errorsText(errors))
  for (const [signal, transitions] of Object.entries(state.on))
    for (const one of transitions) add(one, signal)
  for (const { delay, transitions } of state.after)
    for (const one of transitions) add(one, `after ${durationText(flow.plan, delay)}`)
}

function asTransition(end: OpenEnd): OpenEnd {
  return end.kind === 'next' ? { ...end, kind: 'transition' } : end
}
