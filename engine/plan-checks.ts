/** The schemas of a plan, compiled once: its input and its signals. Kept as long as the program is. */
import type { Program } from '../interpreter/program.ts'
import { compileSchemaCheck, type SchemaCheck, type SchemaError } from '../schema/input.ts'
import type { JsonSchema } from '../schema/json.ts'

interface Checks {
  readonly input: SchemaCheck | null
  readonly signals: Map<string, SchemaCheck | null>
}

const known = new WeakMap<Program, Checks>()

function checksOf(program: Program): Checks {
  const found = known.get(program)
  if (found !== undefined) return found
  const made: Checks = { input: compiled(program.plan.inputSchema), signals: new Map() }
  known.set(program, made)
  return made
}

/** Null: any input. */
export function inputCheck(program: Program): SchemaCheck | null {
  return checksOf(program).input
}

/** Null: any payload. The signal is declared. */
export function signalCheck(program: Program, signal: string): SchemaCheck | null {
  const { signals } = checksOf(program)
  const found = signals.get(signal)
  if (found !== undefined) return found
  const made = compiled(program.plan.signals[signal]?.schema)
  signals.set(signal, made)
  return made
}

function compiled(schema: JsonSchema | undefined): SchemaCheck | null {
  return schema === undefined ? null : compileSchemaCheck(schema)
}

/** One sentence, and the same as data. */
export function schemaErrorText(errors: readonly SchemaError[]): string {
  return errors.map(({ path, message }) => (path === '' ? message : `${path} ${message}`)).join('; ')
}
