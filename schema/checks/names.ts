/**
 * The names that a document gives: ids, variables, signals, branches, loop variables. Owns reserved words, duplicates and
 * shadowing; their spelling is the JSON Schema's, whether a name exists is `checks/scope.ts`'s. Called by `load.ts`.
 */

import { isFunctionName } from '../expressions/function-names.ts'
import type { ProblemCode } from '../problems/catalogue.ts'
import type { Reporter } from '../problems/reporter.ts'
import { at, type Cursor, entriesOf, itemsOf, listOrOne, pointer, textOf } from '../source/cursor.ts'
import { verbsOf } from '../verbs.ts'

const reservedWords = new Set(['true', 'false', 'null', 'and', 'or', 'in'])
/** Keys of every JavaScript object: a map would seem to have them though nobody put them there. */
const objectKeys = new Set(Object.getOwnPropertyNames(Object.prototype))
const scopeNames = ['input', 'vars', 'steps', 'workflow']

interface NamesCheck {
  readonly reporter: Reporter
  readonly ids: Map<string, Cursor>
}

export function checkNames(root: Cursor, reporter: Reporter): void {
  const check: NamesCheck = { reporter, ids: new Map() }
  for (const group of ['vars', 'signals', 'queries', 'updates', 'states']) {
    for (const [name, entry] of entriesOf(at(root, group))) checkReserved(check, name, entry, true)
  }
  checkSteps(check, at(root, 'steps'), [])
  for (const [, signal] of entriesOf(at(root, 'signals'))) checkSteps(check, at(signal, 'do'), ['signal'])
  for (const [, update] of entriesOf(at(root, 'updates'))) checkSteps(check, at(update, 'do'), ['update'])
  for (const [, state] of entriesOf(at(root, 'states'))) checkState(check, state)
}

function checkState(check: NamesCheck, state: Cursor): void {
  checkSteps(check, at(state, 'do'), [])
  for (const way of [at(state, 'next'), ...entriesOf(at(state, 'after')).map(([, after]) => after)])
    for (const transition of listOrOne(way)) checkSteps(check, at(transition, 'do'), [])
  for (const [name, on] of entriesOf(at(state, 'on'))) {
    checkReserved(check, name, on, true)
    for (const transition of listOrOne(on)) checkSteps(check, at(transition, 'do'), ['signal'])
  }
  for (const entry of itemsOf(at(state, 'catch'))) {
    const as = at(entry, 'as')
    checkLocal(check, as, [], 'error')
    checkSteps(check, at(entry, 'do'), [textOf(as) ?? 'error'])
  }
}

function checkSteps(check: NamesCheck, list: Cursor | undefined, locals: readonly string[]): void {
  for (const step of itemsOf(list)) checkStep(check, step, locals)
}

/** `locals`: names that scopes around this step bind beside those of every scope. */
function checkStep(check: NamesCheck, step: Cursor, locals: readonly string[]): void {
  checkId(check, at(step, 'id'))
  const [verb] = verbsOf((key) => at(step, key) !== undefined)
  const own = verb === 'forEach' ? checkLoopNames(check, step, locals) : []
  const inside = [...locals, ...own]
  for (const key of ['do', 'else', 'try']) checkSteps(check, at(step, key), inside)
  for (const entry of itemsOf(at(step, 'switch'))) {
    checkSteps(check, at(entry, 'do'), locals)
    checkSteps(check, at(entry, 'else'), locals)
  }
  for (const [name, branch] of entriesOf(at(step, 'parallel'))) {
    checkReserved(check, name, branch, true)
    checkSteps(check, branch, locals)
  }
  for (const entry of itemsOf(at(step, 'catch'))) {
    const as = at(entry, 'as')
    checkLocal(check, as, locals, 'error')
    checkSteps(check, at(entry, 'do'), [...locals, textOf(as) ?? 'error'])
  }
  checkSteps(check, at(step, 'finally'), [...locals, 'error'])
  const compensate = at(step, 'compensate')
  if (compensate?.node.kind === 'map') checkStep(check, compensate, locals)
  else checkSteps(check, compensate, locals)
}

function checkLoopNames(check: NamesCheck, step: Cursor, locals: readonly string[]): readonly string[] {
  const as = at(step, 'as')
  const index = at(step, 'index')
  checkLocal(check, as, locals, 'item')
  checkLocal(check, index, locals, 'index')
  const names = [textOf(as) ?? 'item', textOf(index) ?? 'index']
  const second = index ?? as
  if (names[0] === names[1] && second !== undefined) {
    report(check, 'shadowing-name', second, `\`as\` and \`index\` are both "${names[0]}"`)
  }
  return names
}

/** Written names alone: a default that comes again inside means the inner one, as everywhere. */
function checkLocal(
  check: NamesCheck,
  cursor: Cursor | undefined,
  locals: readonly string[],
  byDefault: string,
): void {
  const name = textOf(cursor)
  if (cursor === undefined || name === undefined) return
  checkReserved(check, name, cursor, false)
  if (scopeNames.includes(name)) report(check, 'shadowing-name', cursor, `"${name}" is a name of the scope`)
  else if (locals.includes(name) && name !== byDefault) {
    report(check, 'shadowing-name', cursor, `"${name}" is the variable of a step around this one`)
  } else if (isFunctionName(name) && name !== byDefault) {
    report(check, 'shadowing-name', cursor, `"${name}" hides the built-in function $${name}()`)
  }
}

function checkId(check: NamesCheck, cursor: Cursor | undefined): void {
  const id = textOf(cursor)
  if (cursor === undefined || id === undefined) return
  checkReserved(check, id, cursor, false)
  if (check.ids.has(id))
    report(check, 'duplicate-id', cursor, `the id "${id}" is already taken by an earlier step`)
  else check.ids.set(id, cursor)
}

function checkReserved(check: NamesCheck, name: string, cursor: Cursor, isKey: boolean): void {
  if (reservedWords.has(name))
    report(check, 'reserved-name', cursor, `"${name}" is a word of expressions`, isKey)
  else if (objectKeys.has(name)) {
    report(check, 'reserved-name', cursor, `"${name}" is a key of every JavaScript object`, isKey)
  }
}

function report(check: NamesCheck, code: ProblemCode, cursor: Cursor, message: string, isKey = false): void {
  const range = isKey && cursor.key !== undefined ? cursor.key : cursor.node.range
  check.reporter.report({ code, message, path: pointer(cursor), range })
}
