/**
 * `forEach`: one item after the other, or some at once; results in the order of the items. With `tolerate` each result
 * says how its item ended, and only the failure that exceeds it ends the loop.
 */
import type { Json } from '../../schema/json.ts'
import type { ForEachStep } from '../../schema/plan.ts'
import { errorAsJson, Fault, type WorkflowError } from '../errors/fault.ts'
import { engineFault, limitFault } from '../errors/faults.ts'
import { evaluateValue, render } from '../expressions/render.ts'
import { spawnFiber } from '../fibers/fibers.ts'
import { cancelJoin } from '../fibers/joins.ts'
import { scopeOf } from '../fibers/scope.ts'
import type { Turn } from '../fibers/turn.ts'
import { joinPath, scopePath, stepPath } from '../paths.ts'
import type { Fiber, ForEachFrame } from '../state.ts'
import { renderConcurrency } from '../templates/counts.ts'
import { done, ended, type Verb, waiting } from './verb.ts'

export const forEachVerb: Verb<ForEachStep, ForEachFrame> = {
  async enter(turn, fiber, step) {
    const items = await itemsOf(turn, fiber, step)
    const concurrency = await concurrencyOf(turn, fiber, step)
    if (items.length === 0) return ended([])
    const tolerated = toleratedOf(step, items.length)
    const frame: ForEachFrame = {
      kind: 'step',
      verb: 'forEach',
      step: step.id,
      children: [],
      items,
      concurrency,
      next: 0,
      collected: items.map(() => null),
      ...(tolerated !== undefined && { tolerated }),
    }
    fiber.frames.push(frame)
    launchItems(turn, fiber, frame, step)
    return waiting
  },

  resume(_turn, _fiber, frame, _step, completion) {
    return completion.kind === 'normal' ? ended(frame.collected) : done(completion)
  },

  cancel(turn, _fiber, frame, _step, depth) {
    return cancelJoin(turn, frame, depth)
  },

  async childSucceeded(turn, { parent, child, frame, step }, value) {
    const given =
      step.collect === undefined
        ? value
        : await render(turn.program, step.collect, scopeOf(turn.state, child), turn.context)
    frame.collected[indexOf(child)] = frame.tolerated === undefined ? given : { status: 'ok', value: given }
    launchItems(turn, parent, frame, step)
    return undefined
  },

  childFailed(turn, { parent, child, frame, step }, error) {
    const { tolerated } = frame
    if (tolerated === undefined) return { kind: 'throw', error }
    const failed = (frame.failed ?? 0) + 1
    frame.failed = failed
    if (failed > tolerated) return { kind: 'throw', error: tooManyFailures(parent, frame, failed, error) }
    frame.collected[indexOf(child)] = { status: 'failed', error: errorAsJson(error) }
    launchItems(turn, parent, frame, step)
    return undefined
  },
}

function indexOf(item: Fiber): number {
  if (item.role.kind !== 'item') throw new Error(`a ${item.role.kind} under forEach`)
  return item.role.index
}

/** A share is of all items, rounded down. */
function toleratedOf(step: ForEachStep, count: number): number | undefined {
  const { tolerate } = step
  if (tolerate === undefined) return undefined
  return tolerate.kind === 'count' ? tolerate.value : Math.floor((count * tolerate.value) / 100)
}

function tooManyFailures(
  loop: Fiber,
  frame: ForEachFrame,
  failed: number,
  cause: WorkflowError,
): WorkflowError {
  const tolerated = frame.tolerated ?? 0
  return engineFault(
    'TooManyFailures',
    `${failed} of ${frame.items.length} items failed, and \`tolerate\` allows ${tolerated}`,
    { step: frame.step, path: stepPath(loop, frame.step) },
    { details: { failed, tolerated }, cause },
  )
}

/** Starts items up to the concurrency; none any more when the loop is canceled. */
function launchItems(turn: Turn, fiber: Fiber, frame: ForEachFrame, step: ForEachStep): void {
  if (frame.cancelDepth !== undefined) return
  const path = joinPath(scopePath(fiber), step.id)
  while (frame.children.length < frame.concurrency && frame.next < frame.items.length) {
    const index = frame.next
    frame.next += 1
    const item = spawnFiber(turn, {
      role: { kind: 'item', index },
      parent: fiber,
      path: `${path}[${index}]`,
      block: step.block,
      scope: { results: {}, locals: { [step.as]: frame.items[index] ?? null, [step.index]: index } },
    })
    frame.children.push(item.id)
  }
}

async function itemsOf(turn: Turn, fiber: Fiber, step: ForEachStep): Promise<readonly Json[]> {
  const value = await evaluateValue(turn.program, step.items, scopeOf(turn.state, fiber), turn.context)
  if (value === undefined || value === null) {
    const what = value === null ? 'null' : 'nothing'
    throw new Fault({
      type: value === null ? 'ExpressionError' : 'ExpressionUndefined',
      message: `\`forEach\` of step \`${step.id}\` got ${what}: append \`?? []\` where there may be none`,
      retryable: false,
    })
  }
  const items = Array.isArray(value) ? (value as readonly Json[]) : [value]
  const allowed = turn.state.limits.forEachItems
  if (items.length > allowed)
    throw limitFault('forEachItems', allowed, `\`forEach\` got ${items.length} items`)
  return items
}

async function concurrencyOf(turn: Turn, fiber: Fiber, { concurrency }: ForEachStep): Promise<number> {
  return concurrency === undefined ? 1 : renderConcurrency(turn, scopeOf(turn.state, fiber), concurrency)
}
