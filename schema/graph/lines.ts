/**
 * The courses of lines between boxes that stand: where they leave and enter, how a loop leads back. Owns no box. Pure; called
 * by `graph/layout.ts` once a level is laid out.
 */

import type { Layers, Point } from './layers.ts'
import type { LiftedEdge } from './lift.ts'
import { measureEdgeLabel } from './measure.ts'
import type { Part, PlacedEdge } from './parts.ts'
import type { GraphEdge } from './shapes.ts'

export interface Ports {
  from: number
  to: number
}

const portGap = 22

/** Where transitions leave and enter a state, beside its anchor, so that those of one state can be told apart. */
export function portsOf(
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
export function flowPoints(
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
export function backEdge(
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
