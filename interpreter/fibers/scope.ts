/**
 * What a step sees: the results and names of its own iteration, branch or handler, over a view of the enclosing ones.
 * Owns the lookup through frames and fibers; nothing is copied until JSONata needs one object of it all.
 */
import type { Json, JsonObject } from '../../schema/json.ts'
import type { StepId } from '../../schema/plan.ts'
import type { Scope } from '../expressions/contract.ts'
import type { Fiber, Frame, LocalScope, State } from '../state.ts'
import { parentOf } from './parent-fiber.ts'

type Names = { readonly [name: string]: Json }

const noNames: Names = {}

class FiberScope implements Scope {
  readonly #state: State
  readonly #fiber: Fiber | undefined
  readonly #extra: Names

  constructor(state: State, fiber: Fiber | undefined, extra: Names) {
    this.#state = state
    this.#fiber = fiber
    this.#extra = extra
  }

  root(name: string): Json | undefined {
    if (name === 'input') return this.#state.input
    if (name === 'workflow' && this.#state.workflow.state === undefined) return workflowOf(this.#state)
    if (Object.hasOwn(this.#extra, name)) return this.#extra[name]
    for (let fiber = this.#fiber; fiber !== undefined; fiber = parentOf(this.#state, fiber)) {
      for (let depth = fiber.frames.length - 1; depth >= 0; depth--) {
        const names = namesOf(fiber.frames[depth])
        if (names !== undefined && Object.hasOwn(names, name)) return names[name]
      }
      if (fiber.scope !== undefined && Object.hasOwn(fiber.scope.locals, name))
        return fiber.scope.locals[name]
      // What its step saw was kept with it; the scopes around it now are other ones.
      if (fiber.role.kind === 'compensation') return undefined
    }
    if (name === 'workflow') return workflowOf(this.#state)
    return name === 'vars' ? this.#state.vars : undefined
  }

  result(stepId: string): Json | undefined {
    for (let fiber = this.#fiber; fiber !== undefined; fiber = parentOf(this.#state, fiber)) {
      for (let depth = fiber.frames.length - 1; depth >= 0; depth--) {
        const results = roundScopeOf(fiber.frames[depth])?.results
        if (results !== undefined && Object.hasOwn(results, stepId)) return results[stepId]
      }
      const results = fiber.scope?.results
      if (results !== undefined && Object.hasOwn(results, stepId)) return results[stepId]
      if (fiber.role.kind === 'compensation') return undefined
    }
    return Object.hasOwn(this.#state.results, stepId) ? this.#state.results[stepId] : undefined
  }

  all(): JsonObject {
    const layers = this.#layers()
    const seesMain = layers.every((layer) => !layer.isolated)
    const everything: { [name: string]: Json } = {
      input: this.#state.input,
      workflow: workflowOf(this.#state),
      vars: this.#state.vars,
    }
    const results = layers.flatMap((layer) => (layer.results === undefined ? [] : [layer.results]))
    if (seesMain) results.push(this.#state.results)
    for (let n = layers.length - 1; n >= 0; n--) Object.assign(everything, layers[n]?.names)
    Object.assign(everything, this.#extra)
    // One layer is handed over as it is: the usual case, and expressions cannot change what they read.
    everything['steps'] =
      results.length === 1 && results[0] !== undefined
        ? results[0]
        : Object.assign({}, ...results.toReversed())
    return everything
  }

  /** From the innermost outwards. */
  #layers(): { names?: Names; results?: { readonly [step: StepId]: Json }; isolated: boolean }[] {
    const layers = []
    for (let fiber = this.#fiber; fiber !== undefined; fiber = parentOf(this.#state, fiber)) {
      for (let depth = fiber.frames.length - 1; depth >= 0; depth--) {
        const frame = fiber.frames[depth]
        const names = namesOf(frame)
        const results = roundScopeOf(frame)?.results
        if (names !== undefined) layers.push({ names, ...(results && { results }), isolated: false })
      }
      const isolated = fiber.role.kind === 'compensation'
      if (fiber.scope !== undefined) {
        layers.push({ names: fiber.scope.locals, results: fiber.scope.results, isolated })
      }
      if (isolated) break
    }
    return layers
  }
}

function roundScopeOf(frame: Frame | undefined): LocalScope | undefined {
  return frame?.kind === 'step' && (frame.verb === 'while' || frame.verb === 'until')
    ? frame.scope
    : undefined
}

function namesOf(frame: Frame | undefined): Names | undefined {
  return frame?.kind === 'block' ? frame.locals : roundScopeOf(frame)?.locals
}

function workflowOf(state: State): JsonObject {
  return state.workflow as typeof state.workflow & JsonObject
}

/** The scope at the top of the fiber; `extra` names come first (`signal` in a `where`). */
export function scopeOf(state: State, fiber: Fiber, extra: Names = noNames): Scope {
  return new FiberScope(state, fiber, extra)
}

/** The scope of the whole run: what initial variables and queries see. */
export function runScope(state: State, extra: Names = noNames): Scope {
  return new FiberScope(state, undefined, extra)
}

/** Where the results of the steps that the fiber runs now are kept. */
export function resultsOf(state: State, fiber: Fiber): { [step: StepId]: Json } {
  for (let depth = fiber.frames.length - 1; depth >= 0; depth--) {
    const round = roundScopeOf(fiber.frames[depth])
    if (round !== undefined) return round.results
  }
  return fiber.scope?.results ?? state.results
}
