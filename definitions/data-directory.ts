/**
 * Where the activities of the shipped workflows keep their books: JSON files that a reader can look at, in
 * `.perdure/demo` of the working directory or where DEMO_DATA_DIRECTORY says. Owns reading and writing them so
 * that a kill at any moment leaves either the old file or the new one.
 *
 * Changes of one file wait for each other within a process; two processes at once need a database, which this is not.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

export function dataPath(...parts: readonly string[]): string {
  return resolve(process.env['DEMO_DATA_DIRECTORY'] ?? join('.perdure', 'demo'), ...parts)
}

/** Written beside, made durable, and put in place at once. */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const beside = `${path}.${process.pid}.new`
  const file = await open(beside, 'w')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
}

/** The file's content, or what it would begin with. */
export async function readBook<Book>(name: string, empty: Book): Promise<Book> {
  try {
    const book: Book = JSON.parse(await readFile(dataPath(`${name}.json`), 'utf8'))
    return book
  } catch (thrown) {
    if (thrown instanceof Error && Reflect.get(thrown, 'code') === 'ENOENT') return empty
    throw thrown
  }
}

const underWay = new Map<string, Promise<unknown>>()

/** Reads a book, changes it and writes it, one change after the other. `change` gives the new book and an answer. */
export async function changeBook<Book, Answer>(
  name: string,
  empty: Book,
  change: (book: Book) => { readonly book: Book; readonly answer: Answer },
): Promise<Answer> {
  const before = underWay.get(name) ?? Promise.resolve()
  const mine = before
    .catch(() => {})
    .then(async () => {
      const { book, answer } = change(await readBook(name, empty))
      await writeFileAtomically(dataPath(`${name}.json`), `${JSON.stringify(book, null, 2)}\n`)
      return answer
    })
  underWay.set(name, mine)
  return mine
}
