/** Collects the nodes and edges of one definition graph. Owns the lists and ends that still lead nowhere; knows no verb. */
import type { GraphEdge, GraphEdgeKind, GraphNode } from './shapes.ts'

/** An edge whose target is not known yet: what comes next. */
export interface OpenEnd {
  readonly from: string
  readonly kind: GraphEdgeKind
  readonly label?: string
}

export class GraphBuilder {
  readonly nodes: GraphNode[] = []
  readonly edges: GraphEdge[] = []

  node(node: GraphNode): void {
    this.nodes.push(node)
  }

  /** Leads each open end to a node. */
  connect(ends: readonly OpenEnd[], to: string): void {
    for (const end of ends) this.edges.push({ ...end, to })
  }
}

/** Nodes by the group that they stand in; under `undefined` those that stand in none. */
export function childrenOf(graph: {
  readonly nodes: readonly GraphNode[]
}): ReadonlyMap<string | undefined, readonly GraphNode[]> {
  const children = new Map<string | undefined, GraphNode[]>()
  for (const node of graph.nodes) {
    const list = children.get(node.parent)
    if (list === undefined) children.set(node.parent, [node])
    else list.push(node)
  }
  return children
}
