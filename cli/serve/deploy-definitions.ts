/**
 * The documents of `--definitions`: deployed when `serve` starts, and under `--watch` again when they change. Owns
 * what was deployed last and how problems are told; what a document means is the engine's.
 */
import { type FSWatcher, watch } from 'node:fs'
import { resolve } from 'node:path'
import { type DocumentFile, findDocuments } from '../document-files.ts'
import type { Engine } from '../engine-types.ts'
import { CliFailure, tellFailure } from '../failure.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Editors write a file in several steps. */
const settleMs = 100

export class Definitions {
  readonly #engine: Engine
  readonly #directory: string
  readonly #namespace: string
  readonly #terminal: Terminal
  /** The text of each file that was last handed to the engine, good or bad. */
  readonly #seen = new Map<string, string>()
  #watcher: FSWatcher | null = null
  #timer: NodeJS.Timeout | undefined
  /** One pass after the other. */
  #pass: Promise<void> = Promise.resolve()

  constructor(parts: {
    readonly engine: Engine
    readonly directory: string
    readonly namespace: string
    readonly terminal: Terminal
  }) {
    this.#engine = parts.engine
    this.#directory = parts.directory
    this.#namespace = parts.namespace
    this.#terminal = parts.terminal
  }

  /** Deploys what is new or changed since the last call; tells every problem and gives the files that were refused. */
  async deploy(): Promise<readonly string[]> {
    const refused: string[] = []
    for (const document of findDocuments([this.#directory], this.#terminal.directory)) {
      if (this.#seen.get(document.file) === document.source) continue
      this.#seen.set(document.file, document.source)
      if (!(await this.#deployOne(document))) refused.push(document.file)
    }
    return refused
  }

  /** The same for `--watch`: whatever is wrong is told, and nothing is thrown. */
  deployChanged(): Promise<void> {
    this.#pass = this.#pass
      .then(() => this.deploy())
      .then(
        () => undefined,
        async (error: unknown) => {
          const noneYet = error instanceof CliFailure && error.code === 'NoDocument'
          if (!noneYet) await tellFailure(error, this.#terminal, { json: false })
        },
      )
    return this.#pass
  }

  watch(): void {
    const directory = resolve(this.#terminal.directory, this.#directory)
    this.#watcher = watch(directory, { recursive: true }, () => {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => {
        void this.deployChanged()
      }, settleMs)
    })
    this.#watcher.on('error', (error) =>
      this.#terminal.message(`${this.#directory} is no longer watched: ${error.message}`),
    )
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#watcher?.close()
    await this.#pass
  }

  async #deployOne(document: DocumentFile): Promise<boolean> {
    try {
      const result = await this.#engine.deploy({ namespace: this.#namespace, ...document })
      if (result.problems.length > 0) {
        const { renderProblems } = await import('../../schema/problems/render.ts')
        this.#terminal.message(
          renderProblems(result.problems, { colours: this.#terminal.messageColours.coloured }),
        )
      }
      if (result.outcome === 'created')
        this.#terminal.message(`deployed ${result.name}@${result.version}  ${document.file}`)
      return true
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'EngineError') throw error
      await tellFailure(named(error, document.file), this.#terminal, { json: false })
      return false
    }
  }
}

/** A conflict does not know which file it came from; problems do. */
function named(error: Error, file: string): Error {
  if (!('code' in error) || error.code !== 'DefinitionConflict') return error
  return new CliFailure('DefinitionConflict', `${file}: ${error.message}`, {
    suggestion: 'a deployed version is immutable: raise `version` in the document',
  })
}
