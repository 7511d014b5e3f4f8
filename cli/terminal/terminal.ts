/**
 * What a command has of the world: where its answer goes (standard output), where messages go (standard error), its
 * environment, its directory, and its standard input. Owns the writing; commands never touch `process` themselves.
 */
import type { Json } from '../../schema/json.ts'
import { type Palette, paletteFor } from './palette.ts'

export interface Terminal {
  /** The answer of the command, one line or more. */
  answer(text: string): void
  /** One JSON value; indented for people, in one line for programs. */
  answerJson(value: Json | object, indented?: boolean): void
  /** Progress, warnings, errors. */
  message(text: string): void
  /** A line that the next one overwrites; nothing where standard error is no terminal. */
  transient(text: string): void
  readonly answerColours: Palette
  readonly messageColours: Palette
  readonly environment: { readonly [name: string]: string | undefined }
  readonly directory: string
  /** All of standard input. */
  readInput(): Promise<string>
}

export function processTerminal(): Terminal {
  // A reader that went away (`perdure list | head`) is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
  })
  let transientShown = false
  const eraseTransient = () => {
    if (transientShown) process.stderr.write('\r\u001b[K')
    transientShown = false
  }
  const write = (stream: NodeJS.WriteStream, text: string) => {
    eraseTransient()
    stream.write(text)
  }
  return {
    answer: (text) => write(process.stdout, `${text}\n`),
    answerJson: (value, indented = false) =>
      write(process.stdout, `${JSON.stringify(value, null, indented ? 2 : undefined)}\n`),
    message: (text) => write(process.stderr, `${text}\n`),
    transient(text) {
      if (!process.stderr.isTTY) return
      write(process.stderr, text)
      transientShown = true
    },
    answerColours: paletteFor(process.stdout, process.env),
    messageColours: paletteFor(process.stderr, process.env),
    environment: process.env,
    directory: process.cwd(),
    async readInput() {
      const chunks: Buffer[] = []
      for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
    },
  }
}
