/**
 * Walks a draft in the order in which it would run and hands each expression, with the scope at its place, to
 * `scope-check.ts`. Owns what each verb lets its expressions and the steps behind it see, and what can never be reached.
 */
import type { DraftDocument } from './compile.ts'
import { at, type Cursor, pointer } from './cursor.ts'
import { didYouMean } from './did-you-mean.ts'
import { type DraftStep, expressionsOf } from './draft.ts'
import type { BlockKey, ExpressionIndex, PlanDuration, StepId, Template, TryStep } from './plan.ts'
import type { ProblemCode } from './problem-catalogue.ts'
import { checkExpression, checkKeepsList, type Place, suggestVariable } from './scope-check.ts'
import type { ScopeMark, Visible } from './visibility.ts'

/** A place in the walk: the scope, and what steps may do there. */
export interface Walk extends Place {
  readonly document: DraftDocument
  /** Inside a `catch`, where `fail: rethrow` has something to raise. */
  readonly inCatch: boolean
  /** Where `return` is refused, in words. */
  readonly noReturn?: string
  readonly inCompensation: boolean
}

/** The steps of a block in order, on a path of its own; gives what is seen at its end. */
export function walkBlock(walk: Walk, block: BlockKey | undefined, before: Visible): Visible {
  const visible = before.fork()
  let told = false
  for (const id of walk.names.draft.blocks.get(block ?? '') ?? []) {
    const step = walk.names.draft.steps.get(id)
    if (step === undefined) continue
    if (!visible.reachable) {
      if (!told) {
        report(
          walk,
          'unreachable-step',
          id,
          'this step can never be reached: the one before it ends the block',
        )
      }
      told = true
      visible.reachable = true
    }
    walkStep(walk, step, visible)
  }
  return visible
}

/** Changes `visible` to what is seen behind the step. */
function walkStep(outer: Walk, step: DraftStep, visible: Visible): void {
  const outside: Walk = { ...outer, step: step.id }
  const proven = checkCondition(outside, step.if, visible)
  const walk: Walk =
    proven.length === 0 ? outside : { ...outside, proven: new Set([...outer.proven, ...proven]) }
  checkDuration(walk, step.timeout, visible)
  checkMissingId(walk, step)
  // A group with `else` tells of both ways by itself.
  if (step.if === undefined || (step.verb === 'do' && step.otherwise !== undefined)) {
    walkVerb(walk, step, visible)
    visible.set(step.id, 'sure')
    return
  }
  const taken = visible.fork()
  walkVerb(walk, step, taken)
  taken.set(step.id, 'sure')
  visible.meet([taken, visible.fork()])
  // Behind `if … return` it is known, though it gave nothing: reading it is no unknown step.
  if (visible.get(step.id) === undefined) visible.set(step.id, 'maybe')
}

function walkVerb(walk: Walk, step: DraftStep, visible: Visible): void {
  const template = (value: Template | undefined) => checkTemplate(walk, value, visible)
  switch (step.verb) {
    case 'activity': {
      for (const part of [step.input, step.taskQueue, step.priority, step.summary]) template(part)
      for (const duration of Object.values(step.timeoutTemplates ?? {}))
        checkDuration(walk, duration, visible)
      walkCompensation(walk, step, visible)
      return
    }
    case 'do': {
      const ends = [walkBlock(walk, step.block, visible)]
      if (step.otherwise !== undefined)
        ends.push(walkBlock({ ...walk, proven: new Set() }, step.otherwise, visible))
      visible.meet(ends)
      return
    }
    case 'switch': {
      const ends = step.cases.map(({ when, block }) => {
        checkExpression(walk, when, visible)
        const proven = walk.names.draft.notes[when]?.facts.provenSteps ?? []
        return walkBlock({ ...walk, proven: new Set([...walk.proven, ...proven]) }, block, visible)
      })
      ends.push(step.otherwise === undefined ? visible.fork() : walkBlock(walk, step.otherwise, visible))
      visible.meet(ends)
      return
    }
    case 'parallel': {
      const ends = step.branches.map(({ name, block }) =>
        walkBlock(inScope(walk, { kind: 'branch', owner: step.id, name }), block, visible),
      )
      visible.join(ends)
      return
    }
    case 'forEach': {
      checkExpression(walk, step.items, visible)
      template(step.concurrency)
      const inside = withRoots(inScope(walk, { kind: 'iteration', owner: step.id, name: '' }), [
        step.as,
        step.index,
      ])
      const round = walkBlock(inside, step.block, visible)
      checkTemplate(inside, step.collect, round)
      return
    }
    case 'while':
    case 'until': {
      if (step.verb === 'while') checkExpression(walk, step.condition, visible)
      template(step.maxIterations)
      const inside = inScope(walk, { kind: 'iteration', owner: step.id, name: '' })
      const round = walkBlock(inside, step.block, visible)
      if (step.verb === 'while') return
      checkExpression(inside, step.condition, round)
      visible.reachable = round.reachable
      return
    }
    case 'try':
      walkTry(walk, step, visible)
      return
    case 'wait': {
      if (step.for.kind === 'duration') checkDuration(walk, step.for.duration, visible)
      else if (step.for.kind === 'until') template(step.for.time)
      else {
        checkDuration(walk, step.for.atMost, visible)
        if (step.for.kind === 'condition') checkExpression(walk, step.for.condition, visible)
        else {
          checkWaitSignal(walk, step.id, step.for.signal)
          checkExpression(withRoots(walk, ['signal']), step.for.where, visible)
        }
      }
      return
    }
    case 'set':
      for (const [name, value] of step.assignments) {
        checkAssignment(walk, step.id, name)
        checkListVariable(walk, name, value)
        template(value)
      }
      return
    case 'fail': {
      const { failure } = step
      if (failure.kind === 'rethrow') {
        if (!walk.inCatch)
          report(walk, 'rethrow-outside-catch', step.id, '`fail: rethrow` has no error to raise here', 'fail')
      } else {
        for (const part of [failure.type, failure.message, failure.details, failure.retryable]) template(part)
      }
      visible.reachable = false
      return
    }
    case 'return':
      template(step.value)
      checkReturn(walk, step.id, 'return')
      visible.reachable = false
      return
    case 'unsupported':
      for (const value of step.templates) template(value)
      walkCompensation(walk, step, visible)
      if (step.ends) checkReturn(walk, step.id, 'continueAsNew')
      visible.reachable = !step.ends
      return
  }
}

function walkTry(walk: Walk, step: TryStep, visible: Visible): void {
  const body = walkBlock(walk, step.block, visible)
  const left = visible.anywhereIn([body])
  const ends = [body]
  for (const handler of step.catches) {
    const inside: Walk = { ...withRoots(walk, [handler.as]), inCatch: true }
    // The condition sees `error` by that name too, whatever `as` calls it inside.
    const proven = checkCondition(withRoots(inside, ['error']), handler.if, left)
    ends.push(walkBlock({ ...inside, proven: new Set([...walk.proven, ...proven]) }, handler.block, left))
  }
  const before = visible.anywhereIn(ends)
  visible.meet(ends)
  if (step.finally === undefined) return
  const inside: Walk = { ...withRoots(walk, ['error']), noReturn: '`finally`' }
  const last = walkBlock(inside, step.finally, before)
  visible.take(last)
  visible.reachable &&= last.reachable
}

function walkCompensation(
  walk: Walk,
  step: Extract<DraftStep, { verb: 'activity' | 'unsupported' }>,
  visible: Visible,
): void {
  const { compensation } = step
  if (compensation === undefined) return
  if (walk.inCompensation) {
    const cursor = at(walk.names.draft.stepCursors.get(step.id), 'compensate')
    reportAt(walk, 'nested-compensation', cursor, 'what undoes a step is not undone itself', undefined, true)
  }
  const seen = visible.fork()
  seen.set(step.id, compensation.when === 'attempted' ? 'maybe' : 'sure')
  const inside = inScope(walk, { kind: 'compensation', owner: step.id, name: '' })
  walkBlock(
    { ...inside, inCompensation: true, inCatch: false, noReturn: '`compensate`' },
    compensation.block,
    seen,
  )
}

export function checkTemplate(walk: Walk, template: Template | undefined, visible: Visible): void {
  for (const index of expressionsOf(template)) checkExpression(walk, index, visible)
}

function checkDuration(walk: Walk, duration: PlanDuration | undefined, visible: Visible): void {
  if (duration !== undefined && 'template' in duration) checkTemplate(walk, duration.template, visible)
}

function checkMissingId(walk: Walk, step: DraftStep): void {
  const cursor = walk.names.draft.stepCursors.get(step.id)
  const verb = step.verb === 'unsupported' ? step.written : step.verb
  const matters = ['activity', 'workflow', 'wait', 'task', 'forEach', 'while', 'until'].includes(verb)
  if (walk.inCompensation || !matters || at(cursor, 'id') !== undefined) return
  report(
    walk,
    'missing-id',
    step.id,
    `this \`${verb}\` has no id: history names it "${step.id}", after its position`,
    verb,
  )
}

function checkReturn(walk: Walk, id: StepId, verb: string): void {
  if (walk.noReturn === undefined) return
  report(walk, 'return-not-allowed', id, `\`${verb}\` is refused in ${walk.noReturn}`, verb)
}

function checkAssignment(walk: Walk, id: StepId, name: string): void {
  const { variables } = walk.names
  if (variables.has(name)) return
  const cursor = at(at(walk.names.draft.stepCursors.get(id), 'set'), name)
  const message = `the variable "${name}" is not declared`
  reportAt(walk, 'unknown-variable', cursor, message, suggestVariable(name, variables), true)
}

function checkListVariable(walk: Walk, name: string, value: Template): void {
  if (value.kind !== 'expression') return
  const initial = walk.document.vars.find(([variable]) => variable === name)?.[1]
  const isList = initial?.kind === 'list' || (initial?.kind === 'constant' && Array.isArray(initial.value))
  if (isList) checkKeepsList(walk.names.draft, value.expression, `the variable "${name}"`)
}

function checkWaitSignal(walk: Walk, id: StepId, name: string): void {
  const cursor = at(at(walk.names.draft.stepCursors.get(id), 'wait'), 'signal')
  const { signals } = walk.document
  const signal = signals.get(name)
  if (signal === undefined) {
    const meant = didYouMean(name, signals.keys())
    const suggestion =
      meant === undefined ? `declare it: signals: { ${name}: { schema: … } }` : `did you mean \`${meant}\`?`
    reportAt(walk, 'unknown-signal', cursor, `the signal "${name}" is not declared`, suggestion)
  } else if (signal.block !== undefined) {
    reportAt(walk, 'signal-with-do', cursor, `the signal "${name}" is taken by its own \`do\` steps`)
  }
}

function report(walk: Walk, code: ProblemCode, id: StepId, message: string, key?: string): void {
  const step = walk.names.draft.stepCursors.get(id)
  const cursor = key === undefined ? undefined : at(step, key)
  if (cursor !== undefined) reportAt(walk, code, cursor, message, undefined, true)
  else if (step !== undefined) {
    const { start } = step.node.range
    walk.names.draft.reporter.report({ code, message, path: pointer(step), range: { start, end: start + 1 } })
  }
}

function reportAt(
  walk: Walk,
  code: ProblemCode,
  cursor: Cursor | undefined,
  message: string,
  suggestion?: string,
  atKey = false,
): void {
  if (cursor === undefined) return
  const range = atKey && cursor.key !== undefined ? cursor.key : cursor.node.range
  walk.names.draft.reporter.report({ code, message, path: pointer(cursor), range, suggestion })
}

export function inScope(walk: Walk, mark: ScopeMark): Walk {
  return { ...walk, scopes: [...walk.scopes, mark] }
}

export function withRoots(walk: Walk, names: readonly string[]): Walk {
  return { ...walk, roots: new Set([...walk.roots, ...names]) }
}

export function checkCondition(
  walk: Walk,
  index: ExpressionIndex | undefined,
  visible: Visible,
): readonly StepId[] {
  checkExpression(walk, index, visible)
  return index === undefined ? [] : (walk.names.draft.notes[index]?.facts.provenSteps ?? [])
}
