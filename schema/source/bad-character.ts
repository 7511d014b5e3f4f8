/** The characters that PostgreSQL and UTF-8 cannot hold; refused at the door of documents. Pure. */

/** Index of U+0000 or of half a surrogate pair, or -1. */
export function badCharacterAt(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the control character is what is looked for
  return text.search(/\u0000|[\ud800-\udfff]/u)
}
