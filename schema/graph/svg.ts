/**
 * A definition graph as a picture: one SVG text that needs nothing else, dark on light. Owns colours, shapes and lines;
 * where they stand is `graph/layout.ts`. Pure; called by `perdure graph --format svg` and the route of a definition's graph.
 * Every node is a `<g data-node="<id>">` with the line of its document, so that a page can draw a run on it.
 */

import type { VerbName } from '../plan.ts'
import { layoutGraph } from './layout.ts'
import { detailHeight, detailSize, edgeLabelHeight, labelHeight, labelSize } from './measure.ts'
import type { PlacedEdge, PlacedNode } from './parts.ts'
import type { DefinitionGraph, GraphEdgeKind, GraphNode } from './shapes.ts'
import { angles, area, codeLine, curve, escaped, round, sans, textLine } from './svg-text.ts'

const margin = 24

const verbColours: { readonly [verb in VerbName]: string } = {
  activity: '#2563eb',
  workflow: '#7c3aed',
  wait: '#d97706',
  set: '#64748b',
  signal: '#0891b2',
  emit: '#0891b2',
  fail: '#dc2626',
  return: '#16a34a',
  continueAsNew: '#7c3aed',
  do: '#64748b',
  switch: '#64748b',
  parallel: '#64748b',
  forEach: '#64748b',
  while: '#64748b',
  until: '#64748b',
  try: '#64748b',
  states: '#64748b',
}

type LineColour = 'flow' | 'error' | 'undo'

const lineColours: { readonly [colour in LineColour]: string } = {
  flow: '#475569',
  error: '#dc2626',
  undo: '#b45309',
}

const colourOfEdge: { readonly [kind in GraphEdgeKind]: LineColour } = {
  next: 'flow',
  branch: 'flow',
  case: 'flow',
  else: 'flow',
  loop: 'flow',
  transition: 'flow',
  error: 'error',
  compensate: 'undo',
}

export function svgOf(graph: DefinitionGraph): string {
  const { nodes, edges, width, height } = layoutGraph(graph)
  const [fullWidth, fullHeight] = [Math.ceil(width) + 2 * margin, Math.ceil(height) + 2 * margin]
  const frames = nodes.filter(({ frame }) => frame)
  const boxes = nodes.filter(({ frame }) => !frame)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${fullWidth}" height="${fullHeight}" viewBox="0 0 ${fullWidth} ${fullHeight}" role="img" font-family="${sans}" fill="#0f172a">`,
    `<title>${escaped(`${graph.name} ${graph.version}`)}</title>`,
    `<defs>${Object.entries(lineColours)
      .map(
        ([name, colour]) =>
          `<marker id="perdure-${name}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.5 8 4 0 7.5z" fill="${colour}"/></marker>`,
      )
      .join('')}</defs>`,
    `<rect width="${fullWidth}" height="${fullHeight}" fill="#ffffff"/>`,
    `<g transform="translate(${margin} ${margin})">`,
    ...frames.map(frameOf),
    ...edges.map(lineOf),
    ...boxes.map(boxOf),
    ...edges.map(edgeLabelOf).filter((text) => text !== ''),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

interface FrameLook {
  readonly fill: string
  readonly stroke: string
  readonly dashes: string
}

function lookOfFrame({ id, kind }: GraphNode): FrameLook {
  if (kind === 'state') return { fill: '#eff6ff', stroke: '#3b82f6', dashes: '' }
  if (id.endsWith('/compensate')) return { fill: '#fffbeb', stroke: '#d97706', dashes: '4 3' }
  if (/\/catch\/\d+$/.test(id)) return { fill: '#fef2f2', stroke: '#fca5a5', dashes: '' }
  if (id.includes('/')) return { fill: '#ffffff', stroke: '#cbd5e1', dashes: '' }
  return { fill: '#f8fafc', stroke: '#94a3b8', dashes: '' }
}

function frameOf(placed: PlacedNode): string {
  const { node, text, x, y, width, height } = placed
  const { fill, stroke, dashes } = lookOfFrame(node)
  const dashed = dashes === '' ? '' : ` stroke-dasharray="${dashes}"`
  const radius = node.kind === 'state' ? 16 : 10
  const title = node.verb === undefined || node.id !== node.step ? '' : `${verbWord(node.verb)} `
  const label = title.trim() === node.label ? node.label : `${title}${node.label}`
  return opened(
    node,
    `<rect ${area(x, y, width, height)} rx="${radius}" fill="${fill}" stroke="${stroke}"${dashed}/>`,
    textLine(label, x + 12, y + 18, { size: 12, bold: true, colour: '#334155' }),
    ...text.detail.map((line, index) =>
      codeLine(line, x + 12, y + 18 + (index + 1) * detailHeight, 'start', '#475569'),
    ),
  )
}

function verbWord(verb: VerbName): string {
  return verb === 'do' || verb === 'states' ? '' : verb
}

function boxOf(placed: PlacedNode): string {
  const { node, x, y, width, height } = placed
  switch (node.kind) {
    case 'start':
    case 'end':
      return opened(
        node,
        `<rect ${area(x, y, width, height)} rx="${round(height / 2)}" fill="#334155"/>`,
        ...centred(placed, '#ffffff', '#cbd5e1'),
      )
    case 'fork':
    case 'join':
      return opened(node, `<rect ${area(x, y, width, height)} rx="3" fill="#475569"/>`)
    case 'decision': {
      const [middle, right, bottom] = [y + height / 2, x + width, y + height]
      const points = [
        [x, middle],
        [x + 12, y],
        [right - 12, y],
        [right, middle],
        [right - 12, bottom],
        [x + 12, bottom],
      ]
      const path = points.map((point) => point.map(round).join(',')).join(' ')
      return opened(
        node,
        `<polygon points="${path}" fill="#fefce8" stroke="#ca8a04"/>`,
        ...decisionText(placed),
      )
    }
    case 'state': {
      const colour = node.ending === undefined ? '#3b82f6' : verbColours[node.ending]
      return opened(
        node,
        `<rect ${area(x, y, width, height)} rx="14" fill="#ffffff" stroke="${colour}" stroke-width="${node.ending === undefined ? 1.5 : 3}"/>`,
        ...centred(placed, '#0f172a', '#475569'),
      )
    }
    case 'step':
    case 'group':
      return stepBox(placed)
  }
}

function stepBox(placed: PlacedNode): string {
  const { node, x, y, width, height } = placed
  const colour = verbColours[node.verb ?? 'do']
  const ends = node.ending !== undefined
  const radius = ends ? Math.min(18, round(height / 2)) : 6
  const strip = ends
    ? ''
    : `<path d="M${round(x + 6)} ${round(y)}h-0a6 6 0 0 0 -6 6v${round(height - 12)}a6 6 0 0 0 6 6z" fill="${colour}"/>`
  const stroke = ends ? `stroke="${colour}" stroke-width="2"` : 'stroke="#94a3b8"'
  return opened(
    node,
    `<rect ${area(x, y, width, height)} rx="${radius}" fill="#ffffff" ${stroke}/>${strip}`,
    ...centred(placed, '#0f172a', '#475569', ends ? 0 : 3),
  )
}

function centred(
  placed: PlacedNode,
  labelColour: string,
  detailColour: string,
  aside = 0,
): readonly string[] {
  const { text, x, y, width, height } = placed
  const content = text.label.length * labelHeight + text.detail.length * detailHeight
  const top = y + (height - content) / 2
  const middle = x + width / 2 + aside
  return [
    ...text.label.map((line, index) =>
      textLine(line, middle, top + index * labelHeight + 13, {
        size: labelSize,
        bold: true,
        colour: labelColour,
        anchor: 'middle',
      }),
    ),
    ...text.detail.map((line, index) =>
      codeLine(
        line,
        middle,
        top + text.label.length * labelHeight + index * detailHeight + 11,
        'middle',
        detailColour,
      ),
    ),
  ]
}

function decisionText({ text, x, y, width, height }: PlacedNode): readonly string[] {
  const lines = [...text.label, ...text.detail]
  const top = y + (height - lines.length * detailHeight) / 2
  return lines.map((line, index) =>
    codeLine(line, x + width / 2, top + index * detailHeight + 11, 'middle', '#422006'),
  )
}

/** A group with a tooltip of all its text: lines in the picture may be cut. */
function opened(node: GraphNode, ...parts: readonly string[]): string {
  const line = node.line === undefined ? '' : ` data-line="${node.line}"`
  const step = node.step === undefined ? '' : ` data-step="${escaped(node.step)}"`
  const place = node.line === undefined ? [] : [`line ${node.line}`]
  const title = [node.label, ...node.detail, ...place].join('\n')
  return `<g data-node="${escaped(node.id)}"${step}${line}><title>${escaped(title)}</title>${parts.join('')}</g>`
}

function lineOf({ edge, points, course }: PlacedEdge): string {
  const colour = colourOfEdge[edge.kind]
  const dashes = colour === 'flow' ? '' : ' stroke-dasharray="5 3"'
  const path = course === 'curved' ? curve(points) : angles(points)
  return `<path data-from="${escaped(edge.from)}" data-to="${escaped(edge.to)}" d="${path}" fill="none" stroke="${lineColours[colour]}" stroke-width="1.4"${dashes} marker-end="url(#perdure-${colour})"/>`
}

function edgeLabelOf({ edge, label }: PlacedEdge): string {
  if (label === undefined) return ''
  const top = label.y - (label.lines.length * edgeLabelHeight) / 2
  const colour = lineColours[colourOfEdge[edge.kind]]
  const lines = label.lines.map(
    (line, index) =>
      `<text x="${round(label.x)}" y="${round(top + index * edgeLabelHeight + 11)}" font-size="${detailSize}" text-anchor="middle" fill="${colour}" stroke="#ffffff" stroke-width="4" paint-order="stroke" stroke-linejoin="round">${escaped(line)}</text>`,
  )
  const full = edge.label ?? ''
  return `<g><title>${escaped(full)}</title>${lines.join('')}</g>`
}
