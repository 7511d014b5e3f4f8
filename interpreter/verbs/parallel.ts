/**
 * `parallel`: branches run concurrently; the first failure cancels the rest and its error goes on.
 * The results of the branches' steps join the enclosing scope at the join.
 */
import type { Json } from '../../schema/json.ts'
import type { ParallelStep } from '../../schema/plan.ts'
import { limitFault } from '../faults.ts'
import { spawnFiber } from '../fibers.ts'
import { cancelJoin } from '../joins.ts'
import { joinPath, scopePath } from '../paths.ts'
import { resultsOf } from '../scope.ts'
import type { ParallelFrame } from '../state.ts'
import { done, ended, type Verb, waiting } from './verb.ts'

export const parallelVerb: Verb<ParallelStep, ParallelFrame> = {
  enter(turn, fiber, step) {
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
    fiber.frames.push({ kind: 'step', verb: 'parallel', step: step.id, children, results: {}, joined: {} })
    return waiting
  },

  resume(turn, fiber, frame, step, completion) {
    if (completion.kind !== 'normal') return done(completion)
    const enclosing = resultsOf(turn.state, fiber)
    const results: { [branch: string]: Json } = {}
    for (const { name } of step.branches) {
      Object.assign(enclosing, frame.joined[name])
      results[name] = frame.results[name] ?? null
    }
    return ended(results)
  },

  cancel(turn, _fiber, frame, _step, depth) {
    return cancelJoin(turn, frame, depth)
  },

  childSucceeded(_turn, { child, frame, value }) {
    if (child.role.kind !== 'branch') throw new Error(`a ${child.role.kind} under parallel`)
    frame.results[child.role.name] = value
    frame.joined[child.role.name] = child.scope?.results ?? {}
  },
}
