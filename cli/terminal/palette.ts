/**
 * Colours, by meaning. Owns when there are any: only on a terminal, never with `NO_COLOR` or a terminal that cannot.
 */
export interface Palette {
  readonly coloured: boolean
  good(text: string): string
  bad(text: string): string
  notice(text: string): string
  faint(text: string): string
  strong(text: string): string
}

const escapeCharacter = '\u001b'
const wrap = (open: number, close: number) => (text: string) =>
  `${escapeCharacter}[${open}m${text}${escapeCharacter}[${close}m`
const plain = (text: string) => text

const coloured: Palette = {
  coloured: true,
  good: wrap(32, 39),
  bad: wrap(31, 39),
  notice: wrap(33, 39),
  faint: wrap(2, 22),
  strong: wrap(1, 22),
}
const colourless: Palette = {
  coloured: false,
  good: plain,
  bad: plain,
  notice: plain,
  faint: plain,
  strong: plain,
}

export function paletteFor(
  stream: { readonly isTTY?: boolean },
  environment: { readonly [name: string]: string | undefined },
): Palette {
  const refused = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb'
  return stream.isTTY === true && !refused ? coloured : colourless
}
