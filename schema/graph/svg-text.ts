/** SVG as text: lines of text, paths through points, areas, what must be escaped. Owns fonts; knows nothing of workflows. Pure. */
import type { Point } from './layers.ts'
import { detailSize } from './measure.ts'

export const sans = "'Segoe UI','Helvetica Neue',Helvetica,Arial,'DejaVu Sans',sans-serif"
const mono = "ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"

const cornerRadius = 8

/** Upright through every point, so that lines pass between boxes and labels and arrows stand upright. */
export function curve(points: readonly Point[]): string {
  let path = ''
  for (const [index, { x, y }] of points.entries()) {
    const before = points[index - 1]
    if (before === undefined) path += `M${round(x)} ${round(y)}`
    else if (Math.abs(before.x - x) < 0.5) path += `L${round(x)} ${round(y)}`
    else {
      const middle = (before.y + y) / 2
      path += `C${round(before.x)} ${round(middle)} ${round(x)} ${round(middle)} ${round(x)} ${round(y)}`
    }
  }
  return path
}

/** Straight lines with round corners. */
export function angles(points: readonly Point[]): string {
  let path = ''
  for (const [index, point] of points.entries()) {
    const [before, after] = [points[index - 1], points[index + 1]]
    if (before === undefined) path += `M${round(point.x)} ${round(point.y)}`
    else if (after === undefined) path += `L${round(point.x)} ${round(point.y)}`
    else {
      const [enter, leave] = [towards(point, before), towards(point, after)]
      path += `L${round(enter.x)} ${round(enter.y)}Q${round(point.x)} ${round(point.y)} ${round(leave.x)} ${round(leave.y)}`
    }
  }
  return path
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const share = length === 0 ? 0 : Math.min(cornerRadius, length / 2) / length
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

interface TextLook {
  readonly size: number
  readonly bold: boolean
  readonly colour: string
  readonly anchor?: 'middle'
}

export function textLine(text: string, x: number, y: number, look: TextLook): string {
  const anchor = look.anchor === undefined ? '' : ` text-anchor="${look.anchor}"`
  const weight = look.bold ? ' font-weight="600"' : ''
  return `<text x="${round(x)}" y="${round(y)}" font-size="${look.size}"${weight}${anchor} fill="${look.colour}">${escaped(text)}</text>`
}

export function codeLine(
  text: string,
  x: number,
  y: number,
  anchor: 'start' | 'middle',
  colour: string,
): string {
  return `<text x="${round(x)}" y="${round(y)}" font-family="${mono}" font-size="${detailSize}" text-anchor="${anchor}" fill="${colour}">${escaped(text)}</text>`
}

export function area(x: number, y: number, width: number, height: number): string {
  return `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`
}

export function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** For text and attributes; what XML cannot hold becomes a replacement character. */
export function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, (character) => (character === '\n' ? character : '\ufffd'))
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
