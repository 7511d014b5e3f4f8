/**
 * Sees which steps and blocks a run passes through, by handing the reducer a plan that tells what is read of it.
 * Owns the recording. It changes nothing that the reducer can see, so a run that is watched goes as any other;
 * the reducer reads a block when it runs one, a step when it enters one, and an `if` right before that.
 */
import type { Interpreter, Plan, Program, StoredEvent } from '../engine/index.ts'

export interface Visits {
  readonly steps: ReadonlySet<string>
  readonly blocks: ReadonlySet<string>
  /** States that were entered, of a state machine. */
  readonly states: ReadonlySet<string>
  /** Steps whose `if` held at least once. */
  readonly held: ReadonlySet<string>
  /** Steps that their `if` skipped at least once. */
  readonly skipped: ReadonlySet<string>
}

class VisitSets implements Visits {
  readonly steps = new Set<string>()
  readonly blocks = new Set<string>()
  readonly states = new Set<string>()
  readonly held = new Set<string>()
  readonly skipped = new Set<string>()
}

/** Visits by the digest of the plan, of every run that a watched interpreter reduces. */
export class VisitRecorder {
  readonly #byDigest = new Map<string, VisitSets>()
  readonly #watched = new WeakMap<Program, Program>()
  /** One per content: every life of an engine links anew, and parsing expressions is most of what a short run costs. */
  readonly #linked = new Map<string, Program>()

  of(digest: string): Visits {
    return this.#setsOf(digest)
  }

  watch(interpreter: Interpreter): Interpreter {
    return {
      ...interpreter,
      link: (plan) => {
        const linked = this.#linked.get(plan.digest) ?? interpreter.link(plan)
        this.#linked.set(plan.digest, linked)
        return linked
      },
      reduce: async (program, state, inputs) => {
        const result = await interpreter.reduce(this.#watch(program), state, inputs)
        this.#noteStates(program.plan, result.events)
        return result
      },
    }
  }

  #watch(program: Program): Program {
    const known = this.#watched.get(program)
    if (known !== undefined) return known
    const sets = this.#setsOf(program.plan.digest)
    const conditions = new Map(
      Object.values(program.plan.steps).flatMap((step) =>
        step.if === undefined ? [] : [[step.if, step.id]],
      ),
    )
    const watched: Program = {
      ...program,
      plan: {
        ...program.plan,
        steps: telling(program.plan.steps, sets.steps),
        blocks: telling(program.plan.blocks, sets.blocks),
      },
      expressions: program.expressions.map((evaluate, index) => {
        const step = conditions.get(index)
        if (step === undefined) return evaluate
        const note = <T>(value: T): T => {
          if (value === true) sets.held.add(step)
          if (value === false) sets.skipped.add(step)
          return value
        }
        return (scope, context) => {
          const value = evaluate(scope, context)
          return value instanceof Promise ? value.then(note) : note(value)
        }
      }),
    }
    this.#watched.set(program, watched)
    return watched
  }

  /** Entering a state is an event, but for the first one. */
  #noteStates(plan: Plan, events: readonly StoredEvent[]): void {
    const { states } = this.#setsOf(plan.digest)
    for (const event of events) {
      if (event.type === 'StateTransitioned') states.add(event.to)
      if (event.type !== 'WorkflowExecutionStarted') continue
      for (const step of Object.values(plan.steps)) if (step.verb === 'states') states.add(step.initial)
    }
  }

  #setsOf(digest: string): VisitSets {
    const sets = this.#byDigest.get(digest) ?? new VisitSets()
    this.#byDigest.set(digest, sets)
    return sets
  }
}

function telling<M extends object>(map: M, seen: Set<string>): M {
  return new Proxy(map, {
    get(target, key) {
      if (typeof key === 'string' && Object.hasOwn(target, key)) seen.add(key)
      return Reflect.get(target, key)
    },
  })
}
