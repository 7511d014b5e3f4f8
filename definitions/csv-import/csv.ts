/** Reads and writes comma-separated values (RFC 4180): quotes, doubled quotes, commas and line breaks inside quotes. */

/** Each record as its fields. Throws with the line where a quote is never closed. */
export function* parseCsv(text: string): Generator<readonly string[]> {
  let record: string[] = []
  let field = ''
  let line = 1
  let quotedSince = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '\n') line++
    if (quotedSince > 0) {
      if (character !== '"') field += character
      else if (text[at + 1] === '"') {
        field += '"'
        at++
      } else quotedSince = 0
    } else if (character === '"' && field === '') quotedSince = line
    else if (character === ',') {
      record.push(field)
      field = ''
    } else if (character === '\n') {
      record.push(field.endsWith('\r') ? field.slice(0, -1) : field)
      if (record.length > 1 || record[0] !== '') yield record
      record = []
      field = ''
    } else field += character
  }
  if (quotedSince > 0) throw new Error(`the quote that is opened in line ${quotedSince} is never closed`)
  if (field !== '' || record.length > 0) yield [...record, field]
}

export function formatCsv(records: readonly (readonly string[])[]): string {
  const formatted = (field: string) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)
  return records.map((record) => `${record.map(formatted).join(',')}\n`).join('')
}
