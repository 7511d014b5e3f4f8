/**
 * A document as a tree of values that still know where they stand. Owns the shape and the ways to walk it;
 * `source.ts` makes one from text, everything that reports a problem asks it for places.
 */
import type { Json } from '../json.ts'

/** Offsets into the text; `end` is exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

export type SourceNode = ScalarNode | ListNode | MapNode

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly value: null | boolean | number | string
  readonly style: ScalarStyle
  readonly range: Range
}

export interface ListNode {
  readonly kind: 'list'
  readonly items: readonly SourceNode[]
  readonly range: Range
  /** Written as `[ … ]`. */
  readonly flow: boolean
}

export interface MapNode {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<
    string,
    { readonly key: Range; readonly keyStyle: ScalarStyle; readonly node: SourceNode }
  >
  readonly range: Range
  readonly flow: boolean
}

export type PathSegment = string | number

/** JSON pointer (RFC 6901). */
export function pointerOf(path: readonly PathSegment[]): string {
  return path.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

export function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The node at a path, or the deepest one on the way to it. */
export function nearestNode(root: SourceNode, path: readonly PathSegment[]): SourceNode {
  let node = root
  for (const segment of path) {
    const next = childOf(node, segment)
    if (next === undefined) return node
    node = next
  }
  return node
}

/** Where the key of a path's last segment stands; the node itself for list items and what is not there. */
export function keyRange(root: SourceNode, path: readonly PathSegment[]): Range {
  const parent = nearestNode(root, path.slice(0, -1))
  const key = path.at(-1)
  if (parent.kind === 'map' && key !== undefined) {
    const entry = parent.entries.get(String(key))
    if (entry !== undefined) return entry.key
  }
  return nearestNode(root, path).range
}

function childOf(node: SourceNode, segment: PathSegment): SourceNode | undefined {
  switch (node.kind) {
    case 'map':
      return node.entries.get(String(segment))?.node
    case 'list':
      return node.items[Number(segment)]
    case 'scalar':
      return undefined
  }
}

/** The plain value. Keys were checked when the tree was made, so assignment is safe. */
export function plainValue(node: SourceNode): Json {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(plainValue)
    case 'map': {
      const value: { [key: string]: Json } = {}
      for (const [key, entry] of node.entries) value[key] = plainValue(entry.node)
      return value
    }
  }
}
