/**
 * Where everything of a definition graph stands in a picture: every group is laid out alone, from the inside out, and is
 * then one box of the group around it. Owns frames and levels; the layout of a level is `graph/layers.ts`, what is moved as
 * one is `graph/parts.ts`, the courses of lines are `graph/lines.ts`. Pure; called by `graph/svg.ts`. Pixels, y downwards.
 */

import { childrenOf } from './builder.ts'
import { type LayerEdge, layer } from './layers.ts'
import { type LiftedEdge, liftEdges } from './lift.ts'
import { backEdge, flowPoints, portsOf } from './lines.ts'
import { detailHeight, labelHeight, measureEdgeLabel, measureNode } from './measure.ts'
import {
  type GraphLayout,
  laneGap,
  type Part,
  type PlacedEdge,
  type PlacedNode,
  shift,
  sideBySide,
  withCompensation,
  withLoop,
} from './parts.ts'
import type { DefinitionGraph, GraphNode } from './shapes.ts'

const framePadding = 16

export function layoutGraph(graph: DefinitionGraph): GraphLayout {
  return new LevelLayout(graph).level(undefined)
}

class LevelLayout {
  private readonly children: ReadonlyMap<string | undefined, readonly GraphNode[]>
  private readonly lifted: ReadonlyMap<string | undefined, readonly LiftedEdge[]>

  constructor(graph: DefinitionGraph) {
    this.children = childrenOf(graph)
    this.lifted = liftEdges(graph)
  }

  level(parent: string | undefined): Part {
    const edges = this.lifted.get(parent) ?? []
    const compensations = new Map<string, LiftedEdge>()
    for (const edge of edges) if (edge.edge.kind === 'compensate') compensations.set(edge.from, edge)
    const attached = new Set([...compensations.values()].map(({ to }) => to))
    const nodes = this.children.get(parent) ?? []
    const parts = new Map<string, Part>()
    for (const node of nodes) {
      if (attached.has(node.id)) continue
      const compensation = compensations.get(node.id)
      const undo = nodes.find(({ id }) => id === compensation?.to)
      let part = this.part(node)
      if (compensation !== undefined && undo !== undefined)
        part = withCompensation(part, this.part(undo), compensation.edge)
      const loops = edges.filter(({ from, to }) => from === node.id && to === node.id)
      part = withLoop(
        part,
        loops.map(({ edge }) => edge),
      )
      parts.set(node.id, part)
    }
    const between = edges.filter(({ from, to }) => from !== to && parts.has(from) && parts.has(to))
    const components = componentsOf([...parts.keys()], between).map((ids) => {
      const inside = new Set(ids)
      return component(
        new Map(ids.flatMap((id) => [[id, parts.get(id)] as const])),
        between.filter(({ from }) => inside.has(from)),
      )
    })
    return sideBySide(components)
  }

  private part(node: GraphNode): Part {
    const text = measureNode(node)
    if ((this.children.get(node.id) ?? []).length === 0) {
      const { width, height } = text
      const placed = { node, text, x: 0, y: 0, width, height, frame: false }
      return {
        nodes: [placed],
        edges: [],
        width,
        height,
        anchor: width / 2,
        ownWidth: width,
        ownHeight: height,
      }
    }
    const inside = this.level(node.id)
    const header = labelHeight + text.detail.length * detailHeight + 14
    const width = Math.max(inside.width + 2 * framePadding, text.width)
    const height = inside.height + header + framePadding
    const left = (width - inside.width) / 2
    const frame = { node, text, x: 0, y: 0, width, height, frame: true }
    const moved = shift(inside, left, header)
    const anchor = left + inside.anchor
    return {
      ...moved,
      nodes: [frame, ...moved.nodes],
      width,
      height,
      anchor,
      ownWidth: width,
      ownHeight: height,
    }
  }
}

function componentsOf(ids: readonly string[], edges: readonly LiftedEdge[]): readonly (readonly string[])[] {
  const group = new Map(ids.map((id) => [id, id]))
  const rootOf = (id: string): string => {
    let root = id
    for (let next = group.get(root); next !== undefined && next !== root; next = group.get(root)) root = next
    group.set(id, root)
    return root
  }
  for (const { from, to } of edges) group.set(rootOf(to), rootOf(from))
  const components = new Map<string, string[]>()
  for (const id of ids) components.set(rootOf(id), [...(components.get(rootOf(id)) ?? []), id])
  return [...components.values()]
}

/** A fork or a join stands over or under the middle of its branches. */
function isBalanced(id: string): boolean {
  return id.endsWith('/fork') || id.endsWith('/join')
}

function component(found: ReadonlyMap<string, Part | undefined>, edges: readonly LiftedEdge[]): Part {
  const parts = new Map<string, Part>()
  for (const [id, part] of found) if (part !== undefined) parts.set(id, part)
  const flowing = edges.filter(({ edge }) => edge.kind !== 'loop')
  const labels = flowing.map(({ edge }) =>
    edge.label === undefined || edge.kind === 'branch' ? undefined : measureEdgeLabel(edge.label),
  )
  const layerEdges = flowing.map(({ from, to }, index): LayerEdge => {
    const label = labels[index]
    return label === undefined ? { from, to } : { from, to, label }
  })
  const boxes = Array.from(parts, ([id, { anchor, width, height }]) => ({
    id,
    left: anchor,
    right: width - anchor,
    height,
    balanced: isBalanced(id),
  }))
  const layers = layer(boxes, layerEdges)
  const nodes: PlacedNode[] = []
  const placed: PlacedEdge[] = []
  for (const [id, part] of parts) {
    const at = layers.boxes.get(id) ?? { x: 0, y: 0 }
    const moved = shift(part, at.x - part.anchor, at.y)
    nodes.push(...moved.nodes)
    placed.push(...moved.edges)
  }
  const ports = portsOf(flowing, layers, parts)
  for (const [index, lifted] of flowing.entries()) {
    const middle = layers.labels[index]
    const label = labels[index]
    placed.push({
      edge: lifted.edge,
      points: flowPoints(lifted, layers.bends[index] ?? [], layers, parts, ports[index]),
      course: 'curved',
      ...(middle === undefined || label === undefined ? {} : { label: { lines: label.lines, ...middle } }),
    })
  }
  let width = layers.width
  for (const { edge, from, to } of edges.filter(({ edge }) => edge.kind === 'loop')) {
    const back = backEdge(edge, from, to, layers, parts, width + laneGap)
    placed.push(back.placed)
    width = back.right
  }
  const [first] = parts.keys()
  const anchor = layers.boxes.get(first ?? '')?.x ?? width / 2
  return {
    nodes,
    edges: placed,
    width,
    height: layers.height,
    anchor,
    ownWidth: width,
    ownHeight: layers.height,
  }
}
