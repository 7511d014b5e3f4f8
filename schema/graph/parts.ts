/**
 * Parts of a picture that are laid out already and can be moved as one: a box with its compensation beside it, a state with
 * the line back to itself, parts side by side. Owns the shapes of what is placed. Pure; called by `graph/layout.ts`.
 */

import type { Point } from './layers.ts'
import { type BoxText, edgeLabelHeight, measureEdgeLabel } from './measure.ts'
import type { GraphEdge, GraphNode } from './shapes.ts'

export interface PlacedNode {
  readonly node: GraphNode
  readonly text: BoxText
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** A frame with others inside. */
  readonly frame: boolean
}

export interface PlacedEdge {
  readonly edge: GraphEdge
  readonly points: readonly Point[]
  /** `curved`: every point is passed upright. `angular`: straight lines from point to point. */
  readonly course: 'curved' | 'angular'
  readonly label?: { readonly lines: readonly string[]; readonly x: number; readonly y: number }
}

export interface GraphLayout {
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
  readonly width: number
  readonly height: number
}

/** A part that is laid out: `anchor` is the x at which lines come in and go out, `ownHeight` where they leave below. */
export interface Part extends GraphLayout {
  readonly anchor: number
  readonly ownWidth: number
  readonly ownHeight: number
}

const gapToCompensation = 44
const gapBetweenComponents = 56
/** Between a box and the upright part of a line back. */
export const laneGap = 18

export function withCompensation(step: Part, undo: Part, edge: GraphEdge): Part {
  const x = step.width + gapToCompensation
  const moved = shift(undo, x, 0)
  const y = Math.min(step.height, undo.height) / 2
  const line: PlacedEdge = {
    edge,
    points: [
      { x: step.width, y },
      { x, y },
    ],
    course: 'angular',
  }
  return {
    ...step,
    nodes: [...step.nodes, ...moved.nodes],
    edges: [...step.edges, ...moved.edges, line],
    width: x + undo.width,
    height: Math.max(step.height, undo.height),
  }
}

/** A state that leads to itself: one line at its right side, whatever takes it. */
export function withLoop(part: Part, edges: readonly GraphEdge[]): Part {
  const [edge] = edges
  if (edge === undefined) return part
  const labels = edges.flatMap(({ label }) => (label === undefined ? [] : [measureEdgeLabel(label)]))
  const lines = labels.flatMap((label) => label.lines)
  const labelWidth = Math.max(0, ...labels.map(({ width }) => width))
  const lane = part.width + laneGap
  const top = Math.min(8, part.ownHeight * 0.25)
  const bottom = Math.min(part.ownHeight - 6, top + 22)
  const height = Math.max(part.height, lines.length * edgeLabelHeight + 4)
  const points = [
    { x: part.ownWidth, y: top },
    { x: lane, y: top },
    { x: lane, y: bottom },
    { x: part.ownWidth, y: bottom },
  ]
  const label = { lines, x: lane + 4 + labelWidth / 2, y: (lines.length * edgeLabelHeight) / 2 + 2 }
  const line: PlacedEdge = { edge, points, course: 'angular', ...(lines.length === 0 ? {} : { label }) }
  return { ...part, edges: [...part.edges, line], width: lane + 6 + labelWidth, height }
}

export function sideBySide(parts: readonly Part[]): Part {
  let x = 0
  const nodes: PlacedNode[] = []
  const edges: PlacedEdge[] = []
  for (const part of parts) {
    const moved = shift(part, x, 0)
    nodes.push(...moved.nodes)
    edges.push(...moved.edges)
    x += part.width + gapBetweenComponents
  }
  const width = Math.max(0, x - gapBetweenComponents)
  const height = Math.max(0, ...parts.map((part) => part.height))
  return { nodes, edges, width, height, anchor: parts[0]?.anchor ?? 0, ownWidth: width, ownHeight: height }
}

export function shift(
  layout: GraphLayout,
  x: number,
  y: number,
): Pick<GraphLayout, 'nodes' | 'edges'> & Part {
  const move = (point: Point) => ({ x: point.x + x, y: point.y + y })
  const moved = {
    nodes: layout.nodes.map((node) => ({ ...node, x: node.x + x, y: node.y + y })),
    edges: layout.edges.map((edge) => ({
      ...edge,
      points: edge.points.map(move),
      ...(edge.label === undefined ? {} : { label: { lines: edge.label.lines, ...move(edge.label) } }),
    })),
  }
  return { ...moved, width: layout.width, height: layout.height, anchor: 0, ownWidth: 0, ownHeight: 0 }
}
