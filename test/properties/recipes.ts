/**
 * What a random list of steps is made of, before it has names: a recipe is drawn first and turned into steps by
 * `build.ts`, so that ids are unique in the document. Owns the shapes and how likely each is.
 */
import fc from 'fast-check'

/** A number that the builder turns into a choice or a duration: it shrinks to the simplest one. */
export type Pick = number

export type Cancellation = 'try' | 'wait' | 'abandon' | null

export type Recipe =
  | {
      readonly kind: 'activity'
      readonly compensate: 'none' | 'one' | 'list' | 'attempted'
      readonly retry: 'no' | 'twice' | 'on' | 'default'
      readonly timeout: boolean
      readonly queue: 'none' | 'scheduleToStart' | 'scheduleToClose' | 'heartbeat'
      readonly mode: Cancellation
      readonly pick: Pick
    }
  | {
      readonly kind: 'child'
      readonly which: Pick
      readonly onParentClose: 'terminate' | 'cancel' | 'abandon' | null
      readonly mode: Cancellation
      readonly retry: boolean
      readonly compensate: 'none' | 'one' | 'attempted'
      readonly timeout: boolean
      readonly detached: boolean
      readonly named: boolean
      readonly pick: Pick
    }
  | { readonly kind: 'signal'; readonly target: 'self' | 'parent' | 'nobody'; readonly handled: boolean }
  | { readonly kind: 'emit'; readonly subject: boolean }
  | { readonly kind: 'set' }
  | { readonly kind: 'fail'; readonly retryable: boolean | null; readonly pick: Pick }
  | { readonly kind: 'return' | 'continueAsNew'; readonly pick: Pick }
  | {
      readonly kind: 'wait'
      readonly for: 'duration' | 'until' | 'signal' | 'picked' | 'condition'
      readonly timeout: boolean
      readonly pick: Pick
    }
  | {
      readonly kind: 'group'
      readonly body: readonly Recipe[]
      readonly timeout: boolean
      readonly retry: 'no' | 'twice' | 'on'
      readonly saga: 'none' | 'plain' | 'parallel' | 'pause'
      readonly pick: Pick
    }
  | {
      readonly kind: 'choice'
      readonly body: readonly Recipe[]
      readonly otherwise: readonly Recipe[]
      readonly pick: Pick
    }
  | { readonly kind: 'switch'; readonly cases: readonly (readonly Recipe[])[]; readonly pick: Pick }
  | {
      readonly kind: 'parallel'
      readonly branches: readonly (readonly Recipe[])[]
      readonly join: 'all' | 'any' | 'settled' | 'atLeast'
      readonly timeout: boolean
      readonly pick: Pick
    }
  | {
      readonly kind: 'forEach'
      readonly body: readonly Recipe[]
      readonly items: number
      readonly concurrency: number
      readonly tolerate: 'none' | 'one' | 'share'
      readonly collect: boolean
      readonly pick: Pick
    }
  | {
      readonly kind: 'loop'
      readonly verb: 'while' | 'until'
      readonly body: readonly Recipe[]
      readonly rounds: number
    }
  | {
      readonly kind: 'try'
      readonly body: readonly Recipe[]
      readonly handler: readonly Recipe[] | null
      readonly errors: 'any' | 'canceled' | 'some' | 'guarded'
      readonly rethrow: boolean
      readonly cleanup: readonly Recipe[] | null
      readonly pick: Pick
    }

const pick = fc.nat(1_000_000)
const mode = fc.constantFrom<Cancellation>(null, 'try', 'wait', 'abandon')
const weighted = <const T>(...choices: readonly (readonly [weight: number, value: T])[]) =>
  fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })))
const rarely = weighted([4, false], [1, true])

export const { recipes, fewRecipes } = fc.letrec<{
  recipe: Recipe
  recipes: readonly Recipe[]
  fewRecipes: readonly Recipe[]
}>((tie) => ({
  fewRecipes: fc.array(tie('recipe'), { minLength: 1, maxLength: 2, depthIdentifier: 'steps' }),
  recipes: fc.array(tie('recipe'), { minLength: 1, maxLength: 3, depthIdentifier: 'steps' }),
  recipe: fc.oneof(
    { depthSize: 'small', withCrossShrink: true, depthIdentifier: 'steps' },
    {
      weight: 7,
      arbitrary: fc.record({
        kind: fc.constant('activity' as const),
        compensate: weighted([3, 'none'], [3, 'one'], [1, 'list'], [1, 'attempted']),
        retry: weighted([2, 'no'], [2, 'twice'], [1, 'on'], [1, 'default']),
        timeout: rarely,
        queue: weighted([4, 'none'], [1, 'scheduleToStart'], [1, 'scheduleToClose'], [1, 'heartbeat']),
        mode,
        pick,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('child' as const),
        which: pick,
        onParentClose: fc.constantFrom(null, 'terminate' as const, 'cancel' as const, 'abandon' as const),
        mode,
        retry: rarely,
        compensate: weighted([3, 'none'], [2, 'one'], [1, 'attempted']),
        timeout: rarely,
        detached: rarely,
        named: rarely,
        pick,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('signal' as const),
        target: fc.constantFrom('self' as const, 'parent' as const, 'nobody' as const),
        handled: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('emit' as const), subject: fc.boolean() }) },
    { weight: 2, arbitrary: fc.constant<Recipe>({ kind: 'set' }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('fail' as const),
        retryable: fc.constantFrom(null, true, false),
        pick,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom('return' as const, 'continueAsNew' as const), pick }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        for: fc.constantFrom(
          'duration' as const,
          'until' as const,
          'signal' as const,
          'picked' as const,
          'condition' as const,
        ),
        timeout: rarely,
        pick,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('group' as const),
        body: tie('recipes'),
        timeout: rarely,
        retry: weighted([3, 'no'], [1, 'twice'], [1, 'on']),
        saga: weighted([3, 'none'], [2, 'plain'], [1, 'parallel'], [1, 'pause']),
        pick,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('choice' as const),
        body: tie('recipes'),
        otherwise: tie('recipes'),
        pick,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('switch' as const),
        cases: fc.array(tie('recipes'), { minLength: 1, maxLength: 3 }),
        pick,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('parallel' as const),
        branches: fc.array(tie('recipes'), { minLength: 1, maxLength: 3 }),
        join: fc.constantFrom('all' as const, 'any' as const, 'settled' as const, 'atLeast' as const),
        timeout: rarely,
        pick,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('forEach' as const),
        body: tie('recipes'),
        items: fc.nat(4),
        concurrency: fc.integer({ min: 1, max: 3 }),
        tolerate: fc.constantFrom('none' as const, 'one' as const, 'share' as const),
        collect: fc.boolean(),
        pick,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('loop' as const),
        verb: fc.constantFrom('while' as const, 'until' as const),
        body: tie('recipes'),
        rounds: fc.integer({ min: 1, max: 3 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('try' as const),
        body: tie('recipes'),
        handler: fc.option(tie('recipes')),
        errors: fc.constantFrom('any' as const, 'canceled' as const, 'some' as const, 'guarded' as const),
        rethrow: rarely,
        cleanup: fc.option(tie('recipes')),
        pick,
      }),
    },
  ),
}))
