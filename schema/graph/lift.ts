/**
 * Edges of a graph by the group in which they are drawn. An edge out of a nested group is drawn from the frame that stands
 * beside its other end, so that every level can be laid out alone. Pure; called by `graph/layout.ts`.
 */
import type { DefinitionGraph, GraphEdge } from './shapes.ts'

export interface LiftedEdge {
  readonly edge: GraphEdge
  /** Both stand in the same group; equal where a state leads to itself. */
  readonly from: string
  readonly to: string
}

/** By the id of the group; `undefined` is the whole graph. */
export function liftEdges(graph: DefinitionGraph): ReadonlyMap<string | undefined, readonly LiftedEdge[]> {
  const parents = new Map(graph.nodes.map(({ id, parent }) => [id, parent]))
  const ancestry = (id: string): readonly string[] => {
    const path: string[] = []
    for (let here: string | undefined = id; here !== undefined; here = parents.get(here)) path.unshift(here)
    return path
  }
  const levels = new Map<string | undefined, LiftedEdge[]>()
  const seen = new Set<string>()
  for (const edge of graph.edges) {
    const [from, to] = [ancestry(edge.from), ancestry(edge.to)]
    let common = 0
    while (common < from.length - 1 && common < to.length - 1 && from[common] === to[common]) common++
    const [source, target] = [from[common], to[common]]
    if (source === undefined || target === undefined) continue
    // A group and what it holds stand beside nothing that a line could be drawn between.
    if (source === target && edge.from !== edge.to) continue
    const key = JSON.stringify([source, target, edge.kind, edge.label])
    if (seen.has(key)) continue
    seen.add(key)
    const level = parents.get(source)
    levels.set(level, [...(levels.get(level) ?? []), { edge, from: source, to: target }])
  }
  return levels
}
