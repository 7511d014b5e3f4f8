/**
 * Walks a draft in the order in which it would run and hands each expression, with the scope at its place, to
 * `checks/scope.ts`. Owns what each verb lets its expressions and the steps behind it see, and what can never be reached.
 */
import type { DraftDocument } from '../compile/compile.ts'
import { type DraftStep, expressionsOf } from '../compile/draft.ts'
import type { CompiledRetry } from '../compile/retry.ts'
import type { JsonSchema } from '../json.ts'
import type {
  ActivityStep,
  BlockKey,
  ExpressionIndex,
  FailStep,
  ParallelStep,
  PlanDuration,
  SetStep,
  StepId,
  Template,
  TryStep,
  WorkflowStep,
} from '../plan.ts'
import { at, type Cursor } from '../source/cursor.ts'
import { itemShape } from './fields.ts'
import { errorShape } from './result-shapes.ts'
import { checkExpression, type Place } from './scope.ts'
import {
  checkAssignment,
  checkMissingId,
  checkReturn,
  checkWaitSignal,
  reportAt,
  reportStep,
} from './step.ts'
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
        reportStep(
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
  if (!taken.reachable) knowExisting(walk, step.if, 'provenOtherwise', visible)
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
      checkIntervals(walk, step, visible)
      walkCompensation(walk, step, visible)
      return
    }
    case 'workflow': {
      for (const part of [step.versionRange, step.input, step.workflowId]) template(part)
      checkIntervals(walk, step, visible)
      walkCompensation(walk, step, visible)
      return
    }
    case 'do': {
      checkIntervals(walk, step, visible)
      const body = walkBlock(walk, step.block, visible)
      if (step.otherwise === undefined) {
        visible.meet([body])
        return
      }
      const otherwise = walkBlock({ ...walk, proven: new Set() }, step.otherwise, visible)
      visible.meet([body, otherwise])
      if (!otherwise.reachable) knowExisting(walk, step.if, 'provenSteps', visible)
      else if (!body.reachable) knowExisting(walk, step.if, 'provenOtherwise', visible)
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
      visible.joinSome(ends, leastSuccesses(step))
      if (step.join.kind === 'atLeast') template(step.join.count)
      // A branch that fails is settled too.
      if (step.join.kind === 'settled') visible.reachable = true
      return
    }
    case 'forEach': {
      checkExpression(walk, step.items, visible)
      template(step.concurrency)
      const round = inScope(walk, { kind: 'iteration', owner: step.id, name: '' })
      const item = withRoots(round, [step.as], itemShape(walk, step.items))
      const inside = withRoots(item, [step.index], { type: 'integer' })
      checkTemplate(inside, step.collect, walkBlock(inside, step.block, visible))
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
          const payload = walk.document.signals.get(step.for.signal)?.schema
          checkExpression(withRoots(walk, ['signal'], payload), step.for.where, visible)
        }
      }
      return
    }
    case 'set':
      checkAssignments(walk, at(walk.names.draft.stepCursors.get(step.id), 'set'), step.assignments, visible)
      return
    case 'signal':
      template(step.workflowId)
      template(step.input)
      return
    case 'emit':
      for (const part of [step.type, step.data, step.subject]) template(part)
      return
    case 'continueAsNew':
      template(step.input)
      template(step.version)
      checkReturn(walk, step.id, 'continueAsNew')
      visible.reachable = false
      return
    // Alone in `main`, and walked from `checks/document.ts`.
    case 'states':
      return
    case 'fail': {
      const { failure } = step
      if (failure.kind === 'rethrow' && !walk.inCatch)
        reportStep(
          walk,
          'rethrow-outside-catch',
          step.id,
          '`fail: rethrow` has no error to raise here',
          'fail',
        )
      checkFailure(walk, failure, visible)
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
      return
  }
}

/** Behind a condition one of whose ways ends the block, the other way was taken. */
function knowExisting(
  walk: Walk,
  condition: ExpressionIndex | undefined,
  proven: 'provenSteps' | 'provenOtherwise',
  visible: Visible,
): void {
  const facts = condition === undefined ? undefined : walk.names.draft.notes[condition]?.facts
  for (const id of facts?.[proven] ?? []) if (visible.get(id) === 'maybe') visible.set(id, 'sure')
}

/** How many branches have certainly succeeded behind the join. */
function leastSuccesses({ join, branches }: ParallelStep): number {
  switch (join.kind) {
    case 'all':
      return branches.length
    case 'settled':
      return 0
    case 'any':
      return 1
    case 'atLeast':
      return join.count.kind === 'constant' && typeof join.count.value === 'number' ? join.count.value : 1
  }
}

export function checkAssignments(
  walk: Walk,
  set: Cursor | undefined,
  assignments: SetStep['assignments'],
  visible: Visible,
): void {
  for (const [name, value] of assignments) {
    checkAssignment(walk, set, name, value)
    checkTemplate(walk, value, visible)
  }
}

export function checkFailure(walk: Walk, failure: FailStep['failure'], visible: Visible): void {
  if (failure.kind === 'rethrow') return
  for (const part of [failure.type, failure.message, failure.details, failure.retryable])
    checkTemplate(walk, part, visible)
}

function walkTry(walk: Walk, step: TryStep, visible: Visible): void {
  const body = walkBlock(walk, step.block, visible)
  const left = visible.anywhereIn([body])
  const ends = [body]
  for (const handler of step.catches) {
    const inside: Walk = { ...withRoots(walk, [handler.as], errorShape), inCatch: true }
    // The condition sees `error` by that name too, whatever `as` calls it inside.
    const proven = checkCondition(withRoots(inside, ['error'], errorShape), handler.if, left)
    ends.push(walkBlock({ ...inside, proven: new Set([...walk.proven, ...proven]) }, handler.block, left))
  }
  const before = visible.anywhereIn(ends)
  visible.meet(ends)
  if (step.finally === undefined) return
  const inside: Walk = { ...withRoots(walk, ['error'], errorShape), noReturn: '`finally`' }
  const last = walkBlock(inside, step.finally, before)
  visible.take(last)
  visible.reachable &&= last.reachable
}

function walkCompensation(walk: Walk, step: ActivityStep | WorkflowStep, visible: Visible): void {
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
    {
      ...inside,
      inCompensation: true,
      inCatch: false,
      noReturn: '`compensate`',
      ...(compensation.when === 'attempted' ? { attempted: step.id } : {}),
    },
    compensation.block,
    seen,
  )
}

export function checkTemplate(walk: Walk, template: Template | undefined, visible: Visible): void {
  for (const index of expressionsOf(template)) checkExpression(walk, index, visible)
}

export function checkDuration(walk: Walk, duration: PlanDuration | undefined, visible: Visible): void {
  if (duration !== undefined && 'template' in duration) checkTemplate(walk, duration.template, visible)
}

function checkIntervals(walk: Walk, step: CompiledRetry, visible: Visible): void {
  for (const { duration } of step.retryTemplates ?? []) checkDuration(walk, duration, visible)
}

export function inScope(walk: Walk, mark: ScopeMark): Walk {
  return { ...walk, scopes: [...walk.scopes, mark] }
}

/** `shape`: of each of them, where it is known; a name of a scope around must not lend its own. */
export function withRoots(walk: Walk, names: readonly string[], shape?: JsonSchema): Walk {
  const shapes = new Map(walk.shapes)
  for (const name of names) {
    if (shape === undefined) shapes.delete(name)
    else shapes.set(name, shape)
  }
  return { ...walk, roots: new Set([...walk.roots, ...names]), shapes }
}

export function checkCondition(
  walk: Walk,
  index: ExpressionIndex | undefined,
  visible: Visible,
): readonly StepId[] {
  checkExpression(walk, index, visible)
  return index === undefined ? [] : (walk.names.draft.notes[index]?.facts.provenSteps ?? [])
}
