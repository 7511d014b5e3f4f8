/**
 * Small tables: columns as wide as their widest cell, two spaces between, no frame. Owns the layout alone. A cell that
 * is very long stands out of its column instead of pushing the rest of every row off the screen.
 */

const widestColumn = 80

/** `headers` may be empty. The last column is not padded. */
export function table(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  paintHeader: (text: string) => string = (text) => text,
): string {
  const all = headers.length > 0 ? [headers, ...rows] : rows
  const widths = (all[0] ?? []).map((_, column) => widestOf(all.map((row) => width(row[column] ?? ''))))
  const line = (row: readonly string[]) =>
    row
      .map(
        (cell, column) =>
          cell + ' '.repeat(column === row.length - 1 ? 0 : Math.max(0, (widths[column] ?? 0) - width(cell))),
      )
      .join('  ')
      .trimEnd()
  return all
    .map((row, index) => (index === 0 && headers.length > 0 ? paintHeader(line(row)) : line(row)))
    .join('\n')
}

function widestOf(widths: readonly number[]): number {
  return Math.max(0, ...widths.filter((width) => width <= widestColumn))
}

/** Letters as a terminal counts them; colours take no room. */
function width(cell: string): number {
  const colours = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')
  return [...cell.replace(colours, '')].length
}
