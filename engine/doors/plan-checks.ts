/** The schemas of a plan, compiled once: its input, signals, updates and queries. Kept as long as the program is. */
import type { Program } from '../../interpreter/program.ts'
import { compileSchemaCheck, type SchemaCheck, type SchemaError } from '../../schema/input.ts'
import type { JsonSchema } from '../../schema/json.ts'

export type MessageKind = 'signal' | 'update' | 'query'

interface Checks {
  readonly input: SchemaCheck | null
  readonly messages: { readonly [K in MessageKind]: Map<string, SchemaCheck | null> }
}

const known = new WeakMap<Program, Checks>()

function checksOf(program: Program): Checks {
  const found = known.get(program)
  if (found !== undefined) return found
  const messages = { signal: new Map(), update: new Map(), query: new Map() }
  const made: Checks = { input: compiled(program.plan.inputSchema), messages }
  known.set(program, made)
  return made
}

/** Null: any input. */
export function inputCheck(program: Program): SchemaCheck | null {
  return checksOf(program).input
}

/** What the plan declares of that kind, by name. */
export function declaredMessages(
  program: Program,
  kind: MessageKind,
): { readonly [name: string]: { readonly schema?: JsonSchema } } {
  const { signals, updates, queries } = program.plan
  switch (kind) {
    case 'signal':
      return signals
    case 'update':
      return updates
    case 'query':
      return queries
    default:
      return kind satisfies never
  }
}

/** Null: any payload. The message is declared. */
export function messageCheck(program: Program, kind: MessageKind, name: string): SchemaCheck | null {
  const checks = checksOf(program).messages[kind]
  const found = checks.get(name)
  if (found !== undefined) return found
  const made = compiled(declaredMessages(program, kind)[name]?.schema)
  checks.set(name, made)
  return made
}

function compiled(schema: JsonSchema | undefined): SchemaCheck | null {
  return schema === undefined ? null : compileSchemaCheck(schema)
}

/** One sentence, and the same as data. */
export function schemaErrorText(errors: readonly SchemaError[]): string {
  return errors.map(({ path, message }) => (path === '' ? message : `${path} ${message}`)).join('; ')
}
