/**
 * `parallel`: branches run concurrently, and `join` says what decides: all of them, the first success, n successes, or
 * that each has ended somehow. Owns that count, and which results of the branches' steps join the enclosing scope:
 * those of the branches that the map of results names.
 */
import type { Json } from '../../schema/json.ts'
import type { ParallelStep } from '../../schema/plan.ts'
import { errorAsJson } from '../errors/fault.ts'
import { expressionFault, limitFault } from '../errors/faults.ts'
import { render } from '../expressions/render.ts'
import { spawnFiber } from '../fibers/fibers.ts'
import { cancelJoin } from '../fibers/joins.ts'
import { resultsOf, scopeOf } from '../fibers/scope.ts'
import type { Turn } from '../fibers/turn.ts'
import { joinPath, scopePath } from '../paths.ts'
import type { Fiber, ParallelFrame } from '../state.ts'
import { done, ended, type Verb, waiting } from './verb.ts'

export const parallelVerb: Verb<ParallelStep, ParallelFrame> = {
  async enter(turn, fiber, step) {
    const needed = await neededOf(turn, fiber, step)
    if (step.branches.length === 0) return ended({})
    const allowed = turn.state.limits.concurrency
    if (step.branches.length > allowed) {
      throw limitFault('concurrency', allowed, `\`parallel\` has ${step.branches.length} branches`)
    }
    const children: number[] = []
    const path = joinPath(scopePath(fiber), step.id)
    for (const { name, block } of step.branches) {
      const branch = spawnFiber(turn, {
        role: { kind: 'branch', name },
        parent: fiber,
        path: joinPath(path, name),
        block,
        scope: { results: {}, locals: {} },
      })
      children.push(branch.id)
    }
    fiber.frames.push({
      kind: 'step',
      verb: 'parallel',
      step: step.id,
      children,
      ...(needed !== undefined && { needed }),
      succeeded: 0,
      failed: 0,
      results: {},
      joined: {},
    })
    return waiting
  },

  resume(turn, fiber, frame, step, completion) {
    if (completion.kind !== 'normal') return done(completion)
    const enclosing = resultsOf(turn.state, fiber)
    const results: { [branch: string]: Json } = {}
    for (const { name } of step.branches) {
      if (!Object.hasOwn(frame.results, name)) continue
      Object.assign(enclosing, frame.joined[name])
      results[name] = frame.results[name] ?? null
    }
    return ended(results)
  },

  cancel(turn, _fiber, frame, _step, depth) {
    return cancelJoin(turn, frame, depth)
  },

  childSucceeded(_turn, { child, frame }, value) {
    frame.succeeded += 1
    keep(frame, child, frame.needed === undefined ? { status: 'ok', value } : value)
    return frame.succeeded === frame.needed ? { kind: 'normal' } : undefined
  },

  childFailed(_turn, { child, frame, step }, error) {
    frame.failed += 1
    if (frame.needed === undefined) {
      keep(frame, child, { status: 'failed', error: errorAsJson(error) })
      return undefined
    }
    return step.branches.length - frame.failed < frame.needed ? { kind: 'throw', error } : undefined
  },
}

/** Of a branch that failed too, where the join is `settled`: what it finished is worth reading. */
function keep(frame: ParallelFrame, child: Fiber, given: Json): void {
  if (child.role.kind !== 'branch') throw new Error(`a ${child.role.kind} under parallel`)
  frame.results[child.role.name] = given
  frame.joined[child.role.name] = child.scope?.results ?? {}
}

async function neededOf(turn: Turn, fiber: Fiber, step: ParallelStep): Promise<number | undefined> {
  const { join } = step
  const count = step.branches.length
  switch (join.kind) {
    case 'all':
      return count
    case 'any':
      return 1
    case 'settled':
      return undefined
    case 'atLeast': {
      const value = await render(turn.program, join.count, scopeOf(turn.state, fiber), turn.context)
      if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= count) return value
      throw expressionFault(
        `\`atLeast\` must be a whole number from 1 to the number of branches (${count}), not ${JSON.stringify(value)}`,
      )
    }
    default:
      return join satisfies never
  }
}
