/**
 * The definition graph: a plan as nodes and edges, plain JSON, for pictures of it (`graph/mermaid.ts`, `graph/svg.ts`) and
 * for drawing a run on its definition. Owns the shape alone; `graph.ts` makes one.
 *
 * Ids are addresses: a step's node has the step's id, so what stands beside steps has a `/` in its id, which no step's has:
 * `<step>/if` (its condition), `<step>/fork`, `<step>/join`, `<step>/test` (a loop's), the keys of the plan's blocks
 * (`<step>/branch/stock`, `signals/approval`, `states/review`), `main/start`, `main/end`.
 */
import type { StepId, VerbName } from '../plan.ts'

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
