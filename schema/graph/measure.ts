/**
 * How much room the texts of a graph take: widths without a browser, guessed on the wide side (a wide sans serif and its
 * monospace), lines that are broken or cut. Owns the sizes of letters and boxes. Pure; called by the layout and the SVG.
 */
import type { GraphNode } from './shapes.ts'
import { shorten } from './text.ts'

export const labelSize = 13
export const detailSize = 11
export const labelHeight = 17
export const detailHeight = 15
export const edgeLabelHeight = 14

const lineCharacters = 44
const decisionCharacters = 30
const decisionLines = 3
const edgeCharacters = 26
const edgeLines = 3
const padding = 12

/** The text of a node as it is drawn, and the room of its box without what stands inside. */
export interface BoxText {
  readonly label: readonly string[]
  readonly detail: readonly string[]
  readonly width: number
  readonly height: number
}

export function measureNode(node: GraphNode): BoxText {
  if (node.kind === 'fork' || node.kind === 'join') return { label: [], detail: [], width: 96, height: 6 }
  const decision = node.kind === 'decision'
  const label = decision
    ? wrap(node.label, decisionCharacters, decisionLines)
    : [shorten(node.label, lineCharacters)]
  const detail = node.detail.slice(0, 6).map((line) => shorten(line, lineCharacters))
  const widest = Math.max(
    ...label.map((line) => (decision ? codeWidth(line) : textWidth(line, labelSize))),
    ...detail.map((line) => codeWidth(line)),
  )
  const sides = decision ? 2 * (padding + 8) : 2 * padding + 4
  const width = Math.max(Math.ceil(widest) + sides, 72)
  const height = label.length * labelHeight + detail.length * detailHeight + (decision ? 10 : 14)
  return { label, detail, width, height }
}

export function measureEdgeLabel(text: string): {
  readonly lines: readonly string[]
  readonly width: number
  readonly height: number
} {
  const lines = wrap(text, edgeCharacters, edgeLines)
  const width = Math.max(...lines.map((line) => textWidth(line, detailSize))) + 8
  return { lines, width, height: lines.length * edgeLabelHeight }
}

/** Of a monospaced text of the detail's size. */
function codeWidth(text: string): number {
  return text.length * detailSize * 0.605
}

/** Of a semi-bold sans serif, in the size's unit. */
function textWidth(text: string, size: number): number {
  let ems = 0
  for (const character of text) {
    if (/[ilj.,:;'!|]/.test(character)) ems += 0.36
    else if (/[mwMW@%]/.test(character)) ems += 1
    else if (/[A-Z0-9]/.test(character)) ems += 0.76
    else if (character.charCodeAt(0) > 0x2e80) ems += 1.05
    else ems += 0.66
  }
  return ems * size
}

/** Broken at spaces, else anywhere; the last line is cut where there is more. */
function wrap(text: string, characters: number, linesMaximum: number): readonly string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > characters && lines.length < linesMaximum - 1) {
    const space = rest.lastIndexOf(' ', characters)
    const at = space > characters / 3 ? space : characters
    lines.push(rest.slice(0, at).trimEnd())
    rest = rest.slice(at).trimStart()
  }
  lines.push(shorten(rest, characters))
  return lines
}
