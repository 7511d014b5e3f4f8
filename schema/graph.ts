/**
 * The definition graph: a plan as nodes and edges, plain JSON, for pictures of it (`graph-mermaid.ts`, `graph-svg.ts`) and
 * for drawing a run on its definition. Owns the shape and the way through a whole document; how each verb looks is told by
 * `graph-flow.ts` and `graph-states.ts`. Pure; called by `perdure graph` and the route of a definition's graph.
 *
 * Ids are addresses: a step's node has the step's id, so what stands beside steps has a `/` in its id, which no step's has:
 * `<step>/if` (its condition), `<step>/fork`, `<step>/join`, `<step>/test` (a loop's), the keys of the plan's blocks
 * (`<step>/branch/stock`, `signals/approval`, `states/review`), `main/start`, `main/end`.
 */
import { GraphBuilder } from './graph-builder.ts'
import { FlowGraph } from './graph-flow.ts'
import { addStates } from './graph-states.ts'
import { oneLine } from './graph-text.ts'
import type { Plan, StepId, VerbName } from './plan.ts'

/**
 * `step`: does something and goes on or ends. `decision`: an `if`, a `switch`, the test of a loop. `fork`, `join`: of a
 * `parallel`. `group`: a frame around others (a group, a loop, a branch, a handler, a compensation). `state`: of a state
 * machine, a frame where it has steps of its own.
 */
export type GraphNodeKind = 'start' | 'end' | 'step' | 'decision' | 'fork' | 'join' | 'group' | 'state'

export interface GraphNode {
  readonly id: string
  readonly kind: GraphNodeKind
  /** Present where the node is a step, or a part of one. */
  readonly verb?: VerbName
  /** The step that it is, or a part of. */
  readonly step?: StepId
  /** What to write in it: the id of a step that has one, else its verb. */
  readonly label: string
  /** What else to say, a short line each: the activity's name, a condition, a timeout. */
  readonly detail: readonly string[]
  /** 1-based, in the document. */
  readonly line?: number
  /** Present where a run ends here: a `return`, a `fail`, a `continueAsNew`, a final state. */
  readonly ending?: 'return' | 'fail' | 'continueAsNew'
  /** The id of the group or state that it stands in. */
  readonly parent?: string
}

/** `case`: a condition holds. `else`: it does not. `loop`: back to the next round. `error`: what `catch` and `finally` take. */
export type GraphEdgeKind =
  | 'next'
  | 'branch'
  | 'case'
  | 'else'
  | 'loop'
  | 'error'
  | 'compensate'
  | 'transition'

export interface GraphEdge {
  readonly from: string
  /** Also a group's id: what leaves the group as a whole, such as an error of a `try`. */
  readonly to: string
  readonly kind: GraphEdgeKind
  readonly label?: string
}

export interface DefinitionGraph {
  readonly name: string
  readonly version: string
  /** In the order of the document; a group comes before what it holds. */
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

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
