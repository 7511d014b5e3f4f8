/**
 * Where everything of a definition graph stands in a picture: every group is laid out alone, from the inside out, and is
 * then one box of the group around it. Owns frames, compensations beside their steps, back edges of loops and the sides of
 * lines; the layout of a level is `graph-layers.ts`. Pure; called by `graph-svg.ts`. Pixels, y downwards.
 */
import type { DefinitionGraph, GraphEdge, GraphNode } from './graph.ts'
import { childrenOf } from './graph-builder.ts'
import { type LayerEdge, type Layers, layer, type Point } from './graph-layers.ts'
import { type LiftedEdge, liftEdges } from './graph-lift.ts'
import {
  type BoxText,
  detailHeight,
  edgeLabelHeight,
  labelHeight,
  measureEdgeLabel,
  measureNode,
} from './graph-measure.ts'

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
interface Part extends GraphLayout {
  readonly anchor: number
  readonly ownWidth: number
  readonly ownHeight: number
}

const framePadding = 16
const gapToCompensation = 44
const gapBetweenComponents = 56
const laneGap = 18

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

function withCompensation(step: Part, undo: Part, edge: GraphEdge): Part {
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
function withLoop(part: Part, edges: readonly GraphEdge[]): Part {
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

interface Ports {
  from: number
  to: number
}

const portGap = 22

/** Where transitions leave and enter a state, beside its anchor, so that those of one state can be told apart. */
function portsOf(
  edges: readonly LiftedEdge[],
  layers: Layers,
  parts: ReadonlyMap<string, Part>,
): readonly Ports[] {
  const ports = edges.map((): Ports => ({ from: 0, to: 0 }))
  const sides = new Map<string, { readonly x: number; readonly set: (offset: number) => void }[]>()
  for (const [index, { edge, from, to }] of edges.entries()) {
    const port = ports[index]
    const [source, target] = [layers.boxes.get(from), layers.boxes.get(to)]
    if (edge.kind !== 'transition' || port === undefined || source === undefined || target === undefined)
      continue
    const bends = layers.bends[index] ?? []
    const upwards = target.y < source.y
    const add = (id: string, top: boolean, x: number, set: (offset: number) => void) => {
      const key = `${top ? 'top' : 'bottom'} ${id}`
      sides.set(key, [...(sides.get(key) ?? []), { x, set }])
    }
    add(from, upwards, bends[0]?.x ?? target.x, (offset) => {
      port.from = offset
    })
    add(to, !upwards, bends.at(-1)?.x ?? source.x, (offset) => {
      port.to = offset
    })
  }
  for (const [key, ends] of sides) {
    const id = key.slice(key.indexOf(' ') + 1)
    const part = parts.get(id)
    const room = part === undefined ? 0 : 2 * Math.min(part.anchor, part.ownWidth - part.anchor) - 24
    const gap = Math.min(portGap, Math.max(0, room / Math.max(1, ends.length - 1)))
    ends.sort((left, right) => left.x - right.x)
    for (const [index, end] of ends.entries()) end.set((index - (ends.length - 1) / 2) * gap)
  }
  return ports
}

/** From the lower side of the upper box to the upper side of the lower one, in the direction of the edge. */
function flowPoints(
  { from, to }: LiftedEdge,
  bends: readonly Point[],
  layers: Layers,
  parts: ReadonlyMap<string, Part>,
  ports: Ports = { from: 0, to: 0 },
): readonly Point[] {
  const placeOf = (id: string, offset: number): Point => {
    const at = layers.boxes.get(id) ?? { x: 0, y: 0 }
    return { x: at.x + offset, y: at.y }
  }
  const source = placeOf(from, ports.from)
  const target = placeOf(to, ports.to)
  const below = (id: string, at: Point) => ({ x: at.x, y: at.y + (parts.get(id)?.ownHeight ?? 0) })
  const upwards = target.y < source.y
  return upwards ? [source, ...bends, below(to, target)] : [below(from, source), ...bends, target]
}

/** Back to the next round: out at the side, up along the right edge of everything, in at the side. */
function backEdge(
  edge: GraphEdge,
  from: string,
  to: string,
  layers: Layers,
  parts: ReadonlyMap<string, Part>,
  lane: number,
): { readonly placed: PlacedEdge; readonly right: number } {
  const points = [...sideOf(from, layers, parts, lane), ...[...sideOf(to, layers, parts, lane)].reverse()]
  const label = edge.label === undefined ? undefined : measureEdgeLabel(edge.label)
  const middle = ((points[0]?.y ?? 0) + (points.at(-1)?.y ?? 0)) / 2
  return {
    placed: {
      edge,
      points,
      course: 'angular',
      ...(label === undefined
        ? {}
        : { label: { lines: label.lines, x: lane + 4 + label.width / 2, y: middle } }),
    },
    right: lane + 4 + (label?.width ?? 0),
  }
}

/** The way from a box to the lane: sideways where nothing stands at its right, else below its rank. */
function sideOf(
  id: string,
  layers: Layers,
  parts: ReadonlyMap<string, Part>,
  lane: number,
): readonly Point[] {
  const at = layers.boxes.get(id)
  const part = parts.get(id)
  const rank = layers.rankOf.get(id)
  if (at === undefined || part === undefined || rank === undefined) return []
  const right = at.x - part.anchor + part.ownWidth
  const blocked =
    part.width > part.ownWidth ||
    Array.from(layers.boxes).some(
      ([other, place]) => other !== id && place.x > at.x && layers.rankOf.get(other)?.top === rank.top,
    )
  if (!blocked)
    return [
      { x: right, y: at.y + part.ownHeight / 2 },
      { x: lane, y: at.y + part.ownHeight / 2 },
    ]
  const y = rank.bottom + 7
  return [
    { x: at.x, y: at.y + part.ownHeight },
    { x: at.x, y },
    { x: lane, y },
  ]
}

function sideBySide(parts: readonly Part[]): Part {
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

function shift(layout: GraphLayout, x: number, y: number): Pick<GraphLayout, 'nodes' | 'edges'> & Part {
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
