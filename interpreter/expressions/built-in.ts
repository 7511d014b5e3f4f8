/** What a function of `functions/` is, and what it is made with. Owns the shapes; `built-ins.ts` binds them. */
import type { Meter } from './meter.ts'

/** `this` is jsonata's focus: what a function may need of the evaluation. */
export interface Focus {
  readonly input?: unknown
  readonly environment: unknown
  createSequence(...items: unknown[]): unknown[]
}

export type Implementation = (this: Focus, ...args: never[]) => unknown

export interface BuiltInContext {
  readonly meter: Meter
  readonly patterns: readonly RegExp[]
  /** jsonata's function of a name, where it has one. */
  original(name: string): Implementation
}

/** A signature is needed where jsonata has no function of the name; else its own stands. */
export interface BuiltIn {
  readonly signature?: string
  make(context: BuiltInContext): Implementation
}
