/**
 * Recipes to steps of a document. Every step has an id of its own, loops are bounded, every wait ends by itself and
 * nothing is random in the document, so that a run always comes to its end and two runs of it are the same.
 * Owns what is written; the validator must accept all of it.
 */
import type { Json } from '../../schema/json.ts'
import type { Pick, Recipe } from './recipes.ts'

export type Step = { readonly [key: string]: Json }

/** A step that a script must answer. */
export interface ScriptedStep {
  readonly id: string
  /** It may stay in its queue for ever: a schedule deadline ends it. */
  readonly mayNeverStart: boolean
  /** Ended in time to start again after a crash: that it had started before its deadline is forgotten with the process. */
  readonly isBrief: boolean
  readonly undoes: boolean
}

/** What is the same for all steps of one document. */
export interface DocumentContext {
  readonly prefix: string
  /** Documents that it may start as children. */
  readonly children: readonly string[]
  readonly isMachine: boolean
  next: number
  readonly scripted: ScriptedStep[]
}

interface Place {
  /** `return` and `continueAsNew` are refused here. */
  readonly mayNotLeave: boolean
  readonly inCatch: boolean
  /** Of the loops around it: they tell apart the children that are started at one instant. */
  readonly indexes: readonly string[]
}

export const mainPlace: Place = { mayNotLeave: false, inCatch: false, indexes: [] }
export const handlerPlace: Place = { mayNotLeave: true, inCatch: false, indexes: [] }

const errorTypes = ['Down', 'Chosen', 'Other'] as const

export function buildSteps(recipes: readonly Recipe[], document: DocumentContext, place: Place): Step[] {
  const steps: Step[] = []
  let before: string | null = null
  for (const recipe of recipes) {
    const step = new Builder(document, place, before).build(recipe)
    steps.push(step)
    before = typeof step['id'] === 'string' && hasResult(recipe) ? step['id'] : before
  }
  return steps
}

function hasResult(recipe: Recipe): boolean {
  return recipe.kind === 'activity' || recipe.kind === 'child' || recipe.kind === 'group'
}

function newId(document: DocumentContext): string {
  document.next += 1
  return `${document.prefix}${document.next}`
}

/** Holds for about `holds` of seven values of a variable, and the same whenever the run is the same. */
function chance(pick: Pick, holds: number): string {
  return `(vars.n * ${1 + (pick % 5)} + ${pick % 7}) % 7 < ${holds}`
}

/** Odd milliseconds: what ends at one instant by chance has no order between executions. */
export function durationText(pick: Pick, shortestMs: number, longestMs: number): string {
  return `${shortestMs + (pick % (longestMs - shortestMs))}ms`
}

class Builder {
  readonly #document: DocumentContext
  readonly #place: Place
  /** A step before this one in its list that may have a result. */
  readonly #before: string | null

  constructor(document: DocumentContext, place: Place, before: string | null) {
    this.#document = document
    this.#place = place
    this.#before = before
  }

  build(recipe: Recipe): Step {
    const id = newId(this.#document)
    switch (recipe.kind) {
      case 'activity':
        return this.#activity(id, recipe)
      case 'child':
        return this.#child(id, recipe)
      case 'signal':
        return {
          id,
          if: 'vars.signaled < 3',
          try: [
            { id: newId(this.#document), set: { signaled: '${ vars.signaled + 1 }' } },
            {
              id: newId(this.#document),
              signal: {
                workflowId: targets[recipe.target],
                name: recipe.handled ? 'note' : 'go',
                input: '${ vars.n }',
              },
            },
          ],
          catch: [{ errors: ['Signal*', 'Execution*'], do: [this.#note()] }],
        }
      case 'emit':
        return {
          id,
          emit: {
            type: 'test.happened',
            data: { n: '${ vars.n }' },
            ...(recipe.subject && { subject: 'n-${ vars.n }' }),
          },
        }
      case 'set':
        return this.#note(id)
      case 'fail':
        return {
          id,
          if: chance(recipe.pick, 4),
          fail: {
            type: recipe.pick % 2 === 0 ? 'Chosen' : 'Other',
            message: 'at ${ vars.n }',
            ...(recipe.retryable !== null && { retryable: recipe.retryable }),
          },
        }
      case 'return':
        if (this.#place.mayNotLeave) return this.#note(id)
        return { id, if: chance(recipe.pick, 3), return: { n: '${ vars.n }', log: '${ vars.log }' } }
      case 'continueAsNew':
        if (this.#place.mayNotLeave) return this.#note(id)
        return {
          id,
          if: `input.round < 2 and ${chance(recipe.pick, 4)}`,
          continueAsNew: { input: { round: '${ input.round + 1 }', ms: '${ input.ms + 1 }' } },
        }
      case 'wait':
        return { id, ...this.#timeout(recipe.timeout, recipe.pick), wait: this.#wait(recipe) }
      case 'group':
        return {
          id,
          ...this.#timeout(recipe.timeout, recipe.pick),
          ...groupRetry[recipe.retry],
          ...groupSaga[recipe.saga],
          do: this.#list(recipe.body),
        }
      case 'choice':
        return {
          id,
          if: chance(recipe.pick, 4),
          do: this.#list(recipe.body),
          else: this.#list(recipe.otherwise),
        }
      case 'switch':
        return {
          id,
          switch: [
            ...recipe.cases.map((body, n) => ({ when: chance(recipe.pick + n, 3), do: this.#list(body) })),
            ...(recipe.pick % 2 === 0 ? [{ else: [this.#note()] }] : []),
          ],
        }
      case 'parallel':
        return {
          id,
          ...this.#timeout(recipe.timeout, recipe.pick),
          parallel: Object.fromEntries(recipe.branches.map((body, n) => [`b${n}`, this.#list(body)])),
          join:
            recipe.join === 'atLeast' ? { atLeast: 1 + (recipe.pick % recipe.branches.length) } : recipe.join,
        }
      case 'forEach':
        return {
          id,
          forEach: `[1..${recipe.items}]`,
          as: `item_${id}`,
          index: `index_${id}`,
          concurrency: recipe.concurrency,
          ...(recipe.tolerate !== 'none' && { tolerate: recipe.tolerate === 'one' ? 1 : '50%' }),
          do: this.#list(recipe.body, { ...this.#place, indexes: [...this.#place.indexes, `index_${id}`] }),
          ...(recipe.collect && { collect: `\${ index_${id} * 10 + item_${id} }` }),
        }
      case 'loop':
        return {
          id,
          [recipe.verb]:
            recipe.verb === 'while' ? `vars.rounds < ${recipe.rounds}` : `vars.rounds >= ${recipe.rounds}`,
          maxIterations: 20,
          do: [
            { id: newId(this.#document), set: { rounds: '${ vars.rounds + 1 }' } },
            ...this.#list(recipe.body),
          ],
        }
      case 'try':
        return this.#try(id, recipe)
      default:
        return recipe satisfies never
    }
  }

  #list(recipes: readonly Recipe[], place: Place = this.#place): Step[] {
    return buildSteps(recipes, this.#document, place)
  }

  /** Leaves its mark in the order in which things happened. */
  #note(id: string = newId(this.#document)): Step {
    return { id, set: { n: '${ vars.n + 1 }', log: `\${ $append(vars.log, ['${id}']) }` } }
  }

  #timeout(has: boolean, pick: Pick): Step {
    return has ? { timeout: durationText(pick, 3_000, 40_000) } : {}
  }

  #activity(id: string, recipe: Extract<Recipe, { kind: 'activity' }>): Step {
    const { queue, mode, pick } = recipe
    const waits = queue === 'scheduleToStart' || queue === 'scheduleToClose'
    this.#document.scripted.push({
      id,
      mayNeverStart: waits,
      isBrief: queue === 'scheduleToStart',
      undoes: false,
    })
    return {
      id,
      activity: 'work',
      input: {
        at: '${ vars.n }',
        before: this.#before === null ? null : `\${ steps.${this.#before} ?? null }`,
      },
      startToCloseTimeout: '1h',
      ...(queue === 'scheduleToStart' && { scheduleToStartTimeout: durationText(pick, 5_000, 60_000) }),
      ...(queue === 'scheduleToClose' && { scheduleToCloseTimeout: durationText(pick, 5_000, 60_000) }),
      ...(queue === 'heartbeat' && { heartbeatTimeout: durationText(pick, 5_000, 60_000) }),
      ...activityRetry[recipe.retry],
      ...this.#timeout(recipe.timeout, pick),
      ...(mode !== null && { cancellation: mode }),
      ...this.#compensation(id, recipe.compensate),
    }
  }

  #compensation(of: string, kind: 'none' | 'one' | 'list' | 'attempted'): Step {
    if (kind === 'none') return {}
    const undo = (): Step => {
      const id = newId(this.#document)
      this.#document.scripted.push({ id, mayNeverStart: false, isBrief: false, undoes: true })
      return {
        id,
        activity: 'undo',
        input: { done: `\${ steps.${of} ?? null }`, n: '${ vars.n }' },
        retry: false,
        startToCloseTimeout: '1h',
      }
    }
    const when = kind === 'attempted' ? { compensateWhen: 'attempted' } : {}
    return { compensate: kind === 'list' ? [undo(), this.#note(), undo()] : undo(), ...when }
  }

  #child(id: string, recipe: Extract<Recipe, { kind: 'child' }>): Step {
    const { children } = this.#document
    const chosen = children[recipe.which % (children.length + 1)]
    // One in a few is not deployed: the step fails as its author must expect.
    const { pick, detached, mode } = recipe
    const loop = '$string(vars.n)'
    const distances = this.#place.indexes.map((index, depth) => `${index} * ${1_009 + depth * 2_003}`)
    const step = {
      id,
      workflow: chosen ?? 'not-deployed',
      ...(pick % 3 === 0 && chosen !== undefined && { version: '^1.0.0' }),
      ...(recipe.named && { workflowId: `\${ workflow.id & '/named/' & ${loop} }` }),
      input: { round: 1, ms: `\${ ${[`vars.n + ${1 + (pick % 20_000)}`, ...distances].join(' + ')} }` },
      ...(detached
        ? { detached: true }
        : recipe.onParentClose !== null && { onParentClose: recipe.onParentClose }),
      ...(!detached && mode !== null && { cancellation: mode }),
      ...(recipe.retry && {
        retry: { maximumAttempts: 2, initialInterval: durationText(pick, 1_000, 9_000) },
      }),
      ...(!detached && this.#compensation(id, recipe.compensate)),
      ...(!detached && this.#timeout(recipe.timeout, pick)),
    }
    if (chosen !== undefined) return step
    return {
      id: newId(this.#document),
      try: [step],
      catch: [{ errors: ['WorkflowNotFound'], do: [this.#note()] }],
    }
  }

  #wait({ for: what, pick }: Extract<Recipe, { kind: 'wait' }>): Json {
    const atMost = durationText(pick, 2_000, 45_000)
    // A state machine buffers nothing: none of its steps waits for a signal.
    const kind = this.#document.isMachine && (what === 'signal' || what === 'picked') ? 'duration' : what
    switch (kind) {
      case 'duration':
        return durationText(pick, 1, 20_000)
      case 'until':
        return { until: `\${ $addDuration(workflow.startedAt, 'PT${1 + (pick % 50)}S') }` }
      case 'signal':
        return { signal: 'go', atMost }
      case 'picked':
        return { signal: 'go', where: `signal % 2 = ${pick % 2}`, atMost }
      case 'condition':
        return { condition: `vars.n > ${2 + (pick % 5)}`, atMost }
      default:
        return kind satisfies never
    }
  }

  #try(id: string, recipe: Extract<Recipe, { kind: 'try' }>): Step {
    const inCatch = { ...this.#place, inCatch: true }
    const handler = recipe.handler && [
      {
        ...(recipe.errors === 'canceled' && { errors: ['Canceled', '*'] }),
        ...(recipe.errors === 'some' && { errors: [errorTypes[recipe.pick % 3] ?? 'Down', 'Time*'] }),
        ...(recipe.errors === 'guarded' && { if: `$length(error.type) % 2 = ${recipe.pick % 2}` }),
        do: [
          ...this.#list(recipe.handler, inCatch),
          ...(recipe.rethrow ? [{ id: newId(this.#document), fail: 'rethrow' }] : []),
        ],
      },
    ]
    const cleanup =
      recipe.cleanup && this.#list(recipe.cleanup, { ...this.#place, mayNotLeave: true, inCatch: false })
    return {
      id,
      try: this.#list(recipe.body),
      ...(handler !== null && { catch: handler }),
      ...(cleanup !== null && { finally: cleanup }),
      ...(handler === null && cleanup === null && { finally: [this.#note()] }),
    }
  }
}

const targets = {
  self: '${ workflow.id }',
  parent: "${ workflow.parent.workflowId ?? 'nobody' }",
  nobody: 'nobody',
} as const

const activityRetry = {
  no: { retry: false },
  twice: { retry: { maximumAttempts: 2, initialInterval: '1100ms' } },
  on: {
    retry: {
      maximumAttempts: 2,
      initialInterval: '1300ms',
      on: [
        { errors: ['Down', 'Time*'], maximumAttempts: 3, initialInterval: '700ms' },
        { errors: ['Other'], maximumAttempts: 1 },
      ],
    },
  },
  default: {},
} as const

const groupRetry = {
  no: {},
  twice: { retry: { maximumAttempts: 2, initialInterval: '1700ms' } },
  on: {
    retry: {
      maximumAttempts: 1,
      on: [{ errors: ['Down', 'Chosen'], maximumAttempts: 3, initialInterval: '900ms' }],
    },
  },
} as const

const groupSaga = {
  none: {},
  plain: { saga: true },
  parallel: { saga: { order: 'parallel' } },
  pause: { saga: { onFailure: 'pause' } },
} as const
