/** `forEach`: one item after the other, or some at once; results in the order of the items. */
import type { Json } from '../../schema/json.ts'
import type { ForEachStep } from '../../schema/plan.ts'
import { evaluateValue, render } from '../expressions/render.ts'
import { Fault } from '../fault.ts'
import { expressionFault, limitFault } from '../faults.ts'
import { spawnFiber } from '../fibers.ts'
import { cancelJoin } from '../joins.ts'
import { joinPath, scopePath } from '../paths.ts'
import { scopeOf } from '../scope.ts'
import type { Fiber, ForEachFrame } from '../state.ts'
import type { Turn } from '../turn.ts'
import { done, ended, type Verb, waiting } from './verb.ts'

export const forEachVerb: Verb<ForEachStep, ForEachFrame> = {
  async enter(turn, fiber, step) {
    const items = await itemsOf(turn, fiber, step)
    const concurrency = await concurrencyOf(turn, fiber, step)
    if (items.length === 0) return ended([])
    const frame: ForEachFrame = {
      kind: 'step',
      verb: 'forEach',
      step: step.id,
      children: [],
      items,
      concurrency,
      next: 0,
      collected: items.map(() => null),
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

  async childSucceeded(turn, { parent, child, frame, step, value }) {
    if (child.role.kind !== 'item') throw new Error(`a ${child.role.kind} under forEach`)
    frame.collected[child.role.index] =
      step.collect === undefined
        ? value
        : await render(turn.program, step.collect, scopeOf(turn.state, child), turn.context)
    if (frame.decided === undefined) launchItems(turn, parent, frame, step)
  },
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

async function concurrencyOf(turn: Turn, fiber: Fiber, step: ForEachStep): Promise<number> {
  if (step.concurrency === undefined) return 1
  const value = await render(turn.program, step.concurrency, scopeOf(turn.state, fiber), turn.context)
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    throw expressionFault(`\`concurrency\` must be a whole number from 1, not ${JSON.stringify(value)}`)
  }
  const allowed = turn.state.limits.concurrency
  if (value > allowed) throw limitFault('concurrency', allowed, `\`concurrency\` is ${value}`)
  return value
}
