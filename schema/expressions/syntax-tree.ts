/** Reads JSONata's syntax tree, of which only parts are known to be there. Pure; used by what reads facts of it. */
import type { SyntaxNode } from './parse.ts'

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function recordOf(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

export function pairsOf(group: unknown): unknown {
  return recordOf(group)['lhs']
}

export function positionOf(node: SyntaxNode): number {
  return typeof node['position'] === 'number' ? node['position'] : 0
}
