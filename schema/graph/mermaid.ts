/**
 * A definition graph as Mermaid `flowchart` text, for READMEs, wikis and pull requests. Owns Mermaid's syntax: its ids, its
 * shapes and what must be escaped. Pure; called by `perdure graph --format mermaid` and the route of a definition's graph.
 */

import { childrenOf } from './builder.ts'
import type { DefinitionGraph, GraphEdge, GraphNode } from './shapes.ts'
import { shorten } from './text.ts'

/** A longer line is cut: a flowchart grows as wide as its widest box. */
const lineCharacters = 60

export function mermaidOf(graph: DefinitionGraph): string {
  const names = mermaidNames(graph)
  const nameOf = (id: string) => names.get(id) ?? 'unknown'
  const children = childrenOf(graph)
  const lines = [`%% ${graph.name} ${graph.version}`, 'flowchart TD']
  const write = (node: GraphNode, indent: string) => {
    const inside = children.get(node.id) ?? []
    if (inside.length === 0) {
      lines.push(`${indent}${nameOf(node.id)}${shapeOf(node)}`)
      return
    }
    lines.push(`${indent}subgraph ${nameOf(node.id)}[${quoted([[node.label, ...node.detail].join(' · ')])}]`)
    for (const child of inside) write(child, `${indent}  `)
    lines.push(`${indent}end`)
  }
  for (const node of children.get(undefined) ?? []) write(node, '  ')
  for (const edge of graph.edges) lines.push(`  ${nameOf(edge.from)} ${arrowOf(edge)} ${nameOf(edge.to)}`)
  lines.push(
    '  classDef ending stroke-width:2px',
    ...classOf(
      'ending',
      graph.nodes.filter(({ ending }) => ending !== undefined),
      nameOf,
    ),
    '  classDef undo stroke-dasharray:4 3',
    ...classOf(
      'undo',
      graph.nodes.filter(({ id }) => id.endsWith('/compensate')),
      nameOf,
    ),
  )
  return `${lines.join('\n')}\n`
}

/** Mermaid's ids: letters, digits and `_`, and none of its words (`end`, `default`), so each has a prefix. */
function mermaidNames(graph: DefinitionGraph): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const { id } of graph.nodes) {
    let name = `n_${id.replace(/[^A-Za-z0-9_]/g, '_')}`
    while (taken.has(name)) name += '_'
    taken.add(name)
    names.set(id, name)
  }
  return names
}

function shapeOf(node: GraphNode): string {
  switch (node.kind) {
    case 'start':
      return `([${quoted([node.label, ...node.detail])}])`
    case 'end':
      return `([${quoted([node.label])}])`
    case 'decision':
      return `{{${quoted([node.label, ...node.detail])}}}`
    case 'fork':
    case 'join':
      return `((${quoted([node.label])}))`
    case 'state':
      return `(${quoted([node.label, ...node.detail])})`
    case 'step':
    case 'group':
      return node.ending !== undefined
        ? `([${quoted([node.label, ...node.detail])}])`
        : `[${quoted([node.label, ...node.detail])}]`
  }
}

function arrowOf({ kind, label }: GraphEdge): string {
  const dotted = kind === 'error' || kind === 'compensate'
  const text = label === undefined || kind === 'branch' ? '' : `|${quoted([label])}|`
  return `${dotted ? '-.->' : '-->'}${text}`
}

function quoted(lines: readonly string[]): string {
  return `"${lines.map((line) => escaped(shorten(line, lineCharacters))).join('<br/>')}"`
}

/** In Mermaid's quotes: entities by `#`, no quotes, nothing that is read as HTML or as Markdown. */
function escaped(text: string): string {
  return text.replace(/[#"<>&`*_\\]/g, (character) => `#${character.charCodeAt(0)};`)
}

function classOf(
  name: string,
  nodes: readonly GraphNode[],
  nameOf: (id: string) => string,
): readonly string[] {
  return nodes.length === 0 ? [] : [`  class ${nodes.map(({ id }) => nameOf(id)).join(',')} ${name}`]
}
