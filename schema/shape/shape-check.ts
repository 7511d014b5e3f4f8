/**
 * The shape of a document: closed keys, types, one verb per step. Owns the walk to every step, which is checked by the
 * schema of its verb alone; names, expressions and flow are judged later. Called by `load.ts`.
 */

import { didYouMean } from '../problems/did-you-mean.ts'
import type { Reporter } from '../problems/reporter.ts'
import { at, type Cursor, entriesOf, itemsOf, jsonOf, pointer, textOf } from '../source/cursor.ts'
import { isSupported, verbs, verbsOf, type WrittenVerb } from '../verbs.ts'
import { adviceFor } from './key-advice.ts'
import { documentErrors, stepErrors, stepKeys } from './language-schema.ts'
import { reportShape } from './shape-errors.ts'
import { reportUnsupportedStep } from './unsupported-check.ts'
import { guessedKey, guessedVerb } from './wrong-guesses.ts'

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
  checkAfter(check, at(state, 'after'))
  checkSteps(check, at(state, 'do'))
  const transitions = [at(state, 'next'), at(state, 'catch')]
  for (const group of ['on', 'after'])
    transitions.push(...entriesOf(at(state, group)).map(([, value]) => value))
  for (const transition of transitions) {
    for (const one of transition?.node.kind === 'list' ? itemsOf(transition) : [transition])
      checkSteps(check, at(one, 'do'))
  }
}

/** `after: { delay: 5s, to: late }`: the delay is the key. */
function checkAfter({ reporter }: ShapeCheck, after: Cursor | undefined): void {
  const to = at(after, 'to') ?? at(after, 'target')
  if (after === undefined || to === undefined) return
  const message = 'the keys of `after` are durations'
  const suggestion = `write after: { 5s: ${textOf(to) ?? '…'} }`
  const range = after.key ?? after.node.range
  reporter.reportUnreadable(
    { code: 'wrong-value', message, path: pointer(after), range, suggestion },
    after.node.range,
  )
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
    const said = step.node.kind === 'scalar' ? String(step.node.value) : ''
    const [word = '', ...rest] = said.replace(':', ': ').split(/[\s:]+/)
    const suggestion = verbs.some((verb) => verb === word)
      ? `write ${word}: ${rest.length === 0 ? '…' : rest.join(' ')}`
      : step.node.kind === 'list'
        ? 'remove one of the two `-`; steps that belong together are a group: do: [ … ]'
        : undefined
    report(check, 'no-verb', step, 'a step is a map with a verb, such as { activity: … }', suggestion)
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
    const suggestion = bodyOf(written)
    reporter.report({ code: 'several-verbs', message, path: pointer(step), range, suggestion })
    return
  }
  // Of what cannot run anyway the form does not matter.
  if (isSupported(verb))
    reportShape(reporter, step, stepErrors(verb, jsonOf(step) ?? null), (key) => keyOfOtherVerb(key, verb))
  else reportUnsupportedStep(verb, step, reporter)
  checkInner(check, step)
}

/** `parallel: { branches: [ … ] }`, with a list or a named map per branch. */
function isListOfBranches(parallel: Cursor | undefined): boolean {
  const [only, ...others] = entriesOf(parallel)
  if (only?.[0] !== 'branches' || others.length > 0) return false
  const isBranch = (item: Cursor) =>
    item.node.kind === 'list' ||
    (item.node.kind === 'map' && verbsOf((key) => at(item, key) !== undefined).length === 0)
  return itemsOf(only[1]).length > 0 && itemsOf(only[1]).every(isBranch)
}

function checkInner(check: ShapeCheck, step: Cursor): void {
  for (const key of ['do', 'else', 'try', 'finally']) checkSteps(check, at(step, key))
  for (const entry of itemsOf(at(step, 'switch'))) {
    checkSteps(check, at(entry, 'do'))
    checkSteps(check, at(entry, 'else'))
  }
  const parallel = at(step, 'parallel')
  if (isListOfBranches(parallel)) {
    check.reporter.report({
      code: 'wrong-value',
      message: 'the branches are the keys of `parallel`',
      path: pointer(step),
      range: at(parallel, 'branches')?.key ?? step.node.range,
      suggestion: 'name the branches: parallel: { first: [ … ], second: [ … ] }',
    })
  } else {
    for (const [, branch] of entriesOf(parallel)) checkSteps(check, branch)
  }
  for (const entry of itemsOf(at(step, 'catch'))) checkSteps(check, at(entry, 'do'))
  const compensate = at(step, 'compensate')
  if (compensate?.node.kind === 'map') checkStep(check, compensate)
  else checkSteps(check, compensate)
}

/** A loop with another verb beside it: that one is its body. */
function bodyOf(written: readonly WrittenVerb[]): string | undefined {
  const loop = written.find((verb) => loops.includes(verb))
  const body = written.filter((verb) => !loops.includes(verb))
  return loop === undefined || body.length === 0
    ? undefined
    : `\`${loop}\` runs the steps of its \`do\`: put ${body.map((verb) => `\`${verb}\``).join(' and ')} there`
}

function reportNoVerb(check: ShapeCheck, step: Cursor): void {
  const entries = entriesOf(step)
  const meant = entries
    .filter(([key]) => !commonKeys.includes(key))
    .map(([key, value]) => ({ key, value, verb: guessedVerb(key, verbs) ?? didYouMean(key, verbs) }))
  const found = meant.find(({ verb }) => verb !== undefined)
  if (found?.verb !== undefined) {
    reportVerb(check, step, found.key, found.value, found.verb)
    return
  }
  const advice = entries.map(([key]) => adviceFor(key, ['if'])).find((each) => each !== undefined)
  report(check, 'no-verb', step, 'this step has no verb', advice ?? otherStep(step))
}

/** The verb under another name; what stands beside it is checked as if it were right. */
function reportVerb(check: ShapeCheck, step: Cursor, key: string, value: Cursor, verb: string): void {
  check.reporter.report({
    code: 'unknown-key',
    message: `unknown key "${key}"`,
    path: pointer(value),
    range: value.key ?? value.node.range,
    suggestion: `did you mean \`${verb}\`?`,
  })
  const meant = verbs.find((each) => each === verb)
  if (meant === undefined) return
  const others = Object.fromEntries(
    entriesOf(step).flatMap(([name, each]) => (name === key ? [] : [[name, jsonOf(each) ?? null]])),
  )
  const written = jsonOf(value) ?? null
  const errors = stepErrors(meant, { ...others, [meant]: written }).filter(
    ({ instancePath, keyword, params }) =>
      !instancePath.startsWith(`/${meant}`) &&
      // Others write it inside, and name the kind of a step beside.
      keyword !== 'required' &&
      !['type', 'kind', 'verb'].includes(String(params['additionalProperty'])),
  )
  reportShape(check.reporter, step, errors, (other) => keyOfOtherVerb(other, meant))
  checkInner(check, step)
}

/** Steps as others write them: `- init: { set: … }`, or an `if` that holds its branches. */
function otherStep(step: Cursor): string | undefined {
  const condition = at(step, 'if')
  if (condition?.node.kind === 'map')
    return 'write if: and its condition, and beside it do: [ … ] and else: [ … ]'
  const [only, ...others] = entriesOf(step)
  return only !== undefined &&
    others.length === 0 &&
    only[1].node.kind === 'map' &&
    !commonKeys.includes(only[0])
    ? `the name of a step is its \`id\`: write id: ${only[0]}, and its verb beside it`
    : undefined
}

const commonKeys: readonly string[] = ['id', 'description', 'if', 'timeout']

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
