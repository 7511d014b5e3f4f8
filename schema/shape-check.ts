/**
 * The shape of a document: closed keys, types, one verb per step. Owns the walk to every step, which is checked by the
 * schema of its verb alone; names, expressions and flow are judged later. Called by `load.ts`.
 */
import { at, type Cursor, entriesOf, itemsOf, jsonOf, pointer } from './cursor.ts'
import { didYouMean } from './did-you-mean.ts'
import { documentErrors, stepErrors, stepKeys } from './language-schema.ts'
import type { Reporter } from './reporter.ts'
import { reportShape } from './shape-errors.ts'
import { reportUnsupportedStep } from './unsupported-check.ts'
import { verbs, verbsOf, type WrittenVerb } from './verbs.ts'
import { adviceFor, guessedKey } from './wrong-guesses.ts'

interface ShapeCheck {
  readonly reporter: Reporter
  readonly stepLimit: number
  steps: number
}

/** False: the document is none at all, so nothing further can be said of it. */
export function checkShape(root: Cursor, reporter: Reporter, stepLimit: number): boolean {
  if (root.node.kind !== 'map') {
    reporter.report({
      code: 'empty-document',
      message: 'a document is a map',
      path: '',
      range: root.node.range,
    })
    return false
  }
  const check: ShapeCheck = { reporter, stepLimit, steps: 0 }
  reportShape(reporter, root, documentErrors(jsonOf(root) ?? null))
  checkSteps(check, at(root, 'steps'))
  for (const group of ['signals', 'updates']) {
    for (const [, handler] of entriesOf(at(root, group))) checkSteps(check, at(handler, 'do'))
  }
  for (const [, state] of entriesOf(at(root, 'states'))) checkState(check, state)
  return check.steps <= stepLimit
}

function checkState(check: ShapeCheck, state: Cursor): void {
  checkSteps(check, at(state, 'do'))
  const transitions = [at(state, 'next'), at(state, 'catch')]
  for (const group of ['on', 'after'])
    transitions.push(...entriesOf(at(state, group)).map(([, value]) => value))
  for (const transition of transitions) {
    for (const one of transition?.node.kind === 'list' ? itemsOf(transition) : [transition])
      checkSteps(check, at(one, 'do'))
  }
}

function checkSteps(check: ShapeCheck, list: Cursor | undefined): void {
  for (const step of itemsOf(list)) checkStep(check, step)
}

function checkStep(check: ShapeCheck, step: Cursor): void {
  const { reporter } = check
  check.steps++
  if (check.steps > check.stepLimit) {
    const message = `the document has more than ${check.stepLimit} steps (limit documentSteps)`
    if (check.steps === check.stepLimit + 1) report(check, 'too-many-steps', step, message)
    return
  }
  if (step.node.kind !== 'map') {
    report(check, 'no-verb', step, 'a step is a map with a verb, such as { activity: … }')
    return
  }
  const written = verbsOf((key) => at(step, key) !== undefined)
  const [verb, ...others] = written
  if (verb === undefined) {
    reportNoVerb(check, step)
    return
  }
  if (others.length > 0) {
    const range = at(step, others[0] ?? '')?.key ?? step.node.range
    const message = `a step has one verb, this one has ${written.map((name) => `\`${name}\``).join(' and ')}`
    reporter.report({ code: 'several-verbs', message, path: pointer(step), range })
    return
  }
  reportShape(reporter, step, stepErrors(verb, jsonOf(step) ?? null), (key) => keyOfOtherVerb(key, verb))
  reportUnsupportedStep(verb, step, reporter)
  checkInner(check, step)
}

function checkInner(check: ShapeCheck, step: Cursor): void {
  for (const key of ['do', 'else', 'try', 'finally']) checkSteps(check, at(step, key))
  for (const entry of itemsOf(at(step, 'switch'))) {
    checkSteps(check, at(entry, 'do'))
    checkSteps(check, at(entry, 'else'))
  }
  for (const [, branch] of entriesOf(at(step, 'parallel'))) checkSteps(check, branch)
  for (const entry of itemsOf(at(step, 'catch'))) checkSteps(check, at(entry, 'do'))
  const compensate = at(step, 'compensate')
  if (compensate?.node.kind === 'map') checkStep(check, compensate)
  else checkSteps(check, compensate)
}

function reportNoVerb(check: ShapeCheck, step: Cursor): void {
  const common = ['id', 'description', 'if', 'timeout']
  for (const [key, value] of entriesOf(step)) {
    if (common.includes(key)) continue
    const meant = didYouMean(key, verbs) ?? guessedKey(key, verbs)
    if (meant === undefined) continue
    const range = value.key ?? value.node.range
    const suggestion = `did you mean \`${meant}\`?`
    check.reporter.report({
      code: 'unknown-key',
      message: `unknown key "${key}"`,
      path: pointer(value),
      range,
      suggestion,
    })
    return
  }
  const keys = entriesOf(step).map(([key]) => key)
  const advice = keys.map((key) => adviceFor(key, ['if'])).find((each) => each !== undefined)
  report(check, 'no-verb', step, 'this step has no verb', advice)
}

const loops: readonly WrittenVerb[] = ['forEach', 'while', 'until']

function keyOfOtherVerb(key: string, verb: WrittenVerb): string | undefined {
  const owners = verbs.filter((other) => stepKeys(other).includes(key))
  // What every step may have says nothing of this place.
  if (owners.length === 0 || owners.length === verbs.length) {
    // A `do` beside a misspelt loop reads as a group.
    const meant = verb === 'do' ? (didYouMean(key, loops) ?? guessedKey(key, loops)) : undefined
    return meant && `did you mean \`${meant}\`?`
  }
  return `\`${key}\` goes with ${owners.map((other) => `\`${other}\``).join(', ')}, not with \`${verb}\``
}

function report(
  check: ShapeCheck,
  code: 'no-verb' | 'too-many-steps',
  step: Cursor,
  message: string,
  suggestion?: string,
): void {
  const { start } = step.node.range
  check.reporter.report({ code, message, path: pointer(step), range: { start, end: start + 1 }, suggestion })
}
