/**
 * Linked programs of deployed definitions, made once for each and shared by all of its runs.
 * Owns the cache; what a document means is `schema/`'s.
 */
import type { Program } from '../interpreter/program.ts'
import type { Limits } from '../schema/limits.ts'
import { loadDocument } from '../schema/load.ts'
import type { DefinitionRecord, DefinitionStore } from '../storage/contract.ts'
import type { Interpreter } from './interpreter-port.ts'

export interface Deployed {
  readonly record: Omit<DefinitionRecord, 'source' | 'deprecated'>
  readonly program: Program
}

/** A definition that is stored but no longer compiles, or is not stored at all: its runs are parked with this reason. */
export class ProgramError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ProgramError'
  }
}

export class Programs {
  readonly #definitions: DefinitionStore
  readonly #interpreter: Interpreter
  readonly #limits: Limits
  /** Definitions are immutable, so what was found stays; what was not found is looked for again. */
  readonly #known = new Map<string, Promise<Deployed>>()

  constructor(definitions: DefinitionStore, interpreter: Interpreter, limits: Limits) {
    this.#definitions = definitions
    this.#interpreter = interpreter
    this.#limits = limits
  }

  /** Rejects with `ProgramError`, or with what the store threw. */
  get(namespace: string, name: string, version: string): Promise<Deployed> {
    const key = `${namespace}\n${name}\n${version}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const found = this.#load(namespace, name, version)
    this.#known.set(key, found)
    found.catch(() => this.#known.delete(key))
    return found
  }

  async #load(namespace: string, name: string, version: string): Promise<Deployed> {
    const record = await this.#definitions.get(namespace, name, version)
    if (record === null) {
      throw new ProgramError(`its definition ${name}@${version} is not deployed in namespace ${namespace}`)
    }
    const { plan, problems } = loadDocument(record.source, { format: record.format, limits: this.#limits })
    if (plan === undefined || plan === null) {
      const first = problems.find((problem) => problem.severity === 'error')
      throw new ProgramError(
        `its definition ${name}@${version} is not valid in this release: ${first?.message ?? 'no plan'} (line ${first?.line ?? 0})`,
      )
    }
    if (plan.digest !== record.digest) {
      throw new ProgramError(
        `the stored text of ${name}@${version} does not have the digest it was deployed with`,
      )
    }
    return { record, program: this.#interpreter.link(plan) }
  }
}
