/**
 * Input from the command line: `--input JSON|@file|-` and `--set name=value`. Owns reading and merging them; whether
 * the input fits a workflow is the engine's to say. Called by `run`, `start`, `signal` and `query`.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Json, JsonObject } from '../schema/json.ts'
import { CliFailure } from './failure.ts'
import { isMap } from './settings/kinds.ts'
import type { Terminal } from './terminal/terminal.ts'

/** Undefined when neither option is given: then the callee's own default holds. */
export async function readInputOptions(
  options: { readonly input?: string; readonly set?: readonly string[] },
  terminal: Terminal,
): Promise<Json | undefined> {
  const base = options.input === undefined ? undefined : await readInput(options.input, terminal)
  return (options.set ?? []).reduce<Json | undefined>(assign, base)
}

async function readInput(source: string, terminal: Terminal): Promise<Json> {
  if (source === '-') return parse(await readStandardInput(terminal), 'standard input')
  if (!source.startsWith('@')) return parse(source, '--input')
  const file = source.slice(1)
  let text: string
  try {
    text = readFileSync(resolve(terminal.directory, file), 'utf8')
  } catch (cause) {
    throw new CliFailure('InputUnreadable', `the input file ${file} cannot be read: ${reason(cause)}`, {
      suggestion: 'write --input @FILE with the path of a JSON or YAML file',
    })
  }
  if (!/\.ya?ml$/.test(file)) return parse(text, file)
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text, { version: '1.2', merge: false })
  const first = document.errors[0]
  if (first !== undefined) throw new CliFailure('InputInvalid', `${file} is not valid YAML: ${first.message}`)
  return document.toJS({ maxAliasCount: 100 }) as Json
}

async function readStandardInput(terminal: Terminal): Promise<string> {
  try {
    return await terminal.readInput()
  } catch {
    throw new CliFailure('InputInvalid', 'standard input is not UTF-8 text')
  }
}

function parse(text: string, place: string): Json {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text
  if (json.trim() === '') {
    throw new CliFailure('InputInvalid', `${place} is empty`, { suggestion: 'give a JSON value, such as {}' })
  }
  try {
    return JSON.parse(json) as Json
  } catch (cause) {
    throw new CliFailure('InputInvalid', `${place} is not valid JSON: ${reason(cause)}`, {
      suggestion: `quote it for the shell, such as --input '{"name": "Ada"}', or put it in a file: --input @input.json`,
    })
  }
}

/** `order.id=7`: the value is JSON where it reads as JSON, else text. */
function assign(base: Json | undefined, assignment: string): Json {
  const equals = assignment.indexOf('=')
  const path = assignment.slice(0, Math.max(equals, 0)).split('.')
  if (equals < 1 || path.some((part) => part === '')) {
    throw new CliFailure('InputInvalid', `--set ${assignment} is not of the form name=value`, {
      suggestion: 'write --set name=value, or --set order.id=value for a member of a map',
    })
  }
  if (path.includes('__proto__')) throw new CliFailure('InputInvalid', '--set cannot name __proto__')
  return put(base ?? {}, path, jsonOrText(assignment.slice(equals + 1)), assignment)
}

function put(target: Json, path: readonly string[], value: Json, assignment: string): Json {
  const [name, ...rest] = path
  if (name === undefined) return value
  if (!isMap(target)) {
    throw new CliFailure('InputInvalid', `--set ${assignment} names a member of a value that is not a map`, {
      suggestion: 'give the whole value with --input',
    })
  }
  const inner = Object.hasOwn(target, name) ? target[name] : undefined
  return {
    ...target,
    [name]: put(rest.length > 0 ? (inner ?? {}) : null, rest, value, assignment),
  } satisfies JsonObject
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
