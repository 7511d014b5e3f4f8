/**
 * A place in a document: its node and its path. Owns the ways to go down and to read what stands there; every reader
 * gives undefined where a value has another type, because the shape was checked (and reported) before.
 */

import type { Json } from '../json.ts'
import { type PathSegment, plainValue, pointerOf, type Range, type SourceNode } from './node.ts'

export interface Cursor {
  readonly node: SourceNode
  readonly path: readonly PathSegment[]
  /** Where the key stands, for an entry of a map. */
  readonly key?: Range
}

export function at(cursor: Cursor | undefined, key: string): Cursor | undefined {
  if (cursor?.node.kind !== 'map') return undefined
  const entry = cursor.node.entries.get(key)
  return entry && { node: entry.node, path: [...cursor.path, key], key: entry.key }
}

export function itemsOf(cursor: Cursor | undefined): readonly Cursor[] {
  if (cursor?.node.kind !== 'list') return []
  return cursor.node.items.map((node, index) => ({ node, path: [...cursor.path, index] }))
}

/** Where the language takes one thing or a list of them. */
export function listOrOne(cursor: Cursor | undefined): readonly Cursor[] {
  if (cursor === undefined) return []
  return cursor.node.kind === 'list' ? itemsOf(cursor) : [cursor]
}

export function entriesOf(cursor: Cursor | undefined): readonly (readonly [key: string, value: Cursor])[] {
  if (cursor?.node.kind !== 'map') return []
  return Array.from(cursor.node.entries, ([key, entry]) => [
    key,
    { node: entry.node, path: [...cursor.path, key], key: entry.key },
  ])
}

export function textOf(cursor: Cursor | undefined): string | undefined {
  return cursor?.node.kind === 'scalar' && typeof cursor.node.value === 'string'
    ? cursor.node.value
    : undefined
}

export function jsonOf(cursor: Cursor | undefined): Json | undefined {
  return cursor && plainValue(cursor.node)
}

export function pointer(cursor: Cursor): string {
  return pointerOf(cursor.path)
}

/** The range to show: the first line of a map or list would be arbitrary, so its key where it has one. */
export function shownRange(cursor: Cursor): Range {
  return cursor.node.kind === 'scalar' || cursor.key === undefined ? cursor.node.range : cursor.key
}
