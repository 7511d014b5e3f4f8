/**
 * From a plan to its graph. Owns the way through a whole document; how each verb looks is told by `graph/flow.ts` and
 * `graph/states.ts`, what a graph is by `graph/shapes.ts`. Pure; called by `perdure graph` and the route of a definition's
 * graph.
 */

import type { Plan } from '../plan.ts'
import { GraphBuilder } from './builder.ts'
import { FlowGraph } from './flow.ts'
import type { DefinitionGraph } from './shapes.ts'
import { addStates } from './states.ts'
import { oneLine } from './text.ts'

export function graphOf(plan: Plan): DefinitionGraph {
  const builder = new GraphBuilder()
  const flow = new FlowGraph(plan, builder)
  builder.node({ id: 'main/start', kind: 'start', label: plan.name, detail: [plan.version] })
  const [first] = plan.blocks['main'] ?? []
  const only = first === undefined ? undefined : plan.steps[first]
  const begin = [{ from: 'main/start', kind: 'next' as const }]
  if (only?.verb === 'states') addStates(flow, only, begin)
  else flow.end('main', flow.block('main', undefined, begin))
  for (const [name, signal] of Object.entries(plan.signals)) {
    if (signal.block !== undefined) addHandler(flow, 'signal', name, signal.block)
  }
  for (const [name, update] of Object.entries(plan.updates)) {
    if (update.block === undefined) continue
    const validate = update.validate === undefined ? [] : [`validate ${flow.source(update.validate)}`]
    addHandler(flow, 'update', name, update.block, validate)
  }
  return { name: plan.name, version: plan.version, nodes: builder.nodes, edges: builder.edges }
}

function addHandler(
  flow: FlowGraph,
  what: 'signal' | 'update',
  name: string,
  block: string,
  detail: readonly string[] = [],
): void {
  flow.builder.node({ id: block, kind: 'group', label: `on ${what} ${name}`, detail: [] })
  const start = `${block}/start`
  flow.builder.node({ id: start, kind: 'start', label: name, detail: detail.map(oneLine), parent: block })
  flow.end(block, flow.block(block, block, [{ from: start, kind: 'next' }]))
}
