/**
 * Random valid workflows, as documents. Every step has an id of its own, loops are bounded, and every wait ends by
 * itself, so that a run can always come to its end.
 */
import fc from 'fast-check'
import type { Json } from '../../schema/json.ts'

type Step = { readonly [key: string]: Json }

interface Names {
  next: number
}

function id(names: Names): string {
  names.next += 1
  return `s${names.next}`
}

/** A recipe is drawn first and turned into steps afterwards, so that ids are unique in the document. */
type Recipe =
  | {
      kind: 'activity'
      compensate: boolean
      retry: boolean
      timeout: boolean
      mode: 'try' | 'wait' | 'abandon' | null
    }
  | { kind: 'set' }
  | { kind: 'fail' }
  | { kind: 'return' }
  | { kind: 'wait'; for: 'duration' | 'signal' | 'condition' }
  | { kind: 'group'; body: Recipe[]; timeout: boolean }
  | { kind: 'choice'; body: Recipe[]; otherwise: Recipe[]; value: boolean }
  | { kind: 'switch'; cases: Recipe[][]; chosen: number }
  | { kind: 'parallel'; branches: Recipe[][] }
  | { kind: 'forEach'; body: Recipe[]; items: number; concurrency: number }
  | { kind: 'loop'; verb: 'while' | 'until'; body: Recipe[]; rounds: number }
  | { kind: 'try'; body: Recipe[]; handler: Recipe[] | null; named: boolean; cleanup: Recipe[] | null }

const { recipes } = fc.letrec<{ recipe: Recipe; recipes: Recipe[] }>((tie) => ({
  recipes: fc.array(tie('recipe'), { minLength: 1, maxLength: 4, depthIdentifier: 'steps' }),
  recipe: fc.oneof(
    { depthSize: 'small', withCrossShrink: true, depthIdentifier: 'steps' },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('activity' as const),
        compensate: fc.boolean(),
        retry: fc.boolean(),
        timeout: fc.boolean(),
        mode: fc.constantFrom('try' as const, 'wait' as const, 'abandon' as const, null),
      }),
    },
    { weight: 2, arbitrary: fc.constant<Recipe>({ kind: 'set' }) },
    { weight: 1, arbitrary: fc.constantFrom<Recipe>({ kind: 'fail' }, { kind: 'return' }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        for: fc.constantFrom('duration' as const, 'signal' as const, 'condition' as const),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('group' as const),
        body: tie('recipes'),
        timeout: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('choice' as const),
        body: tie('recipes'),
        otherwise: tie('recipes'),
        value: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('switch' as const),
        cases: fc.array(tie('recipes'), { minLength: 1, maxLength: 3 }),
        chosen: fc.nat(3),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('parallel' as const),
        branches: fc.array(tie('recipes'), { minLength: 1, maxLength: 3 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('forEach' as const),
        body: tie('recipes'),
        items: fc.nat(4),
        concurrency: fc.integer({ min: 1, max: 3 }),
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
        named: fc.boolean(),
        cleanup: fc.option(tie('recipes')),
      }),
    },
  ),
}))

/** `return` is refused in `finally`: a step that does nothing stands in its place. */
function build(recipe: Recipe, names: Names, inFinally: boolean): Step {
  const own = id(names)
  const list = (body: readonly Recipe[], cleanup = inFinally): Json =>
    body.map((one) => build(one, names, cleanup))
  switch (recipe.kind) {
    case 'activity':
      return {
        id: own,
        activity: 'work',
        input: { at: '${ vars.n }' },
        startToCloseTimeout: '1h',
        retry: recipe.retry ? { maximumAttempts: 2 } : false,
        ...(recipe.timeout && { timeout: '20s' }),
        ...(recipe.mode !== null && { cancellation: recipe.mode }),
        ...(recipe.compensate && {
          compensate: { id: id(names), activity: 'undo', input: `\${ steps.${own} }`, retry: false },
        }),
      }
    case 'set':
      return { id: own, set: { n: '${ vars.n + 1 }' } }
    case 'fail':
      return { id: own, if: '$random() < 0.7', fail: { type: 'Chosen', message: 'by chance' } }
    case 'return':
      return inFinally
        ? { id: own, set: { n: 0 } }
        : { id: own, if: '$random() < 0.5', return: '${ vars.n }' }
    case 'wait':
      if (recipe.for === 'duration') return { id: own, wait: '5s' }
      if (recipe.for === 'signal') return { id: own, wait: { signal: 'go', atMost: '30s' } }
      return { id: own, wait: { condition: 'vars.n > 5', atMost: '15s' } }
    case 'group':
      return { id: own, ...(recipe.timeout && { timeout: '12s' }), do: list(recipe.body) }
    case 'choice':
      return {
        id: own,
        if: `vars.n >= 0 and ${recipe.value}`,
        do: list(recipe.body),
        else: list(recipe.otherwise),
      }
    case 'switch':
      return {
        id: own,
        switch: recipe.cases.map((body, n) => ({ when: `${n} = ${recipe.chosen}`, do: list(body) })),
      }
    case 'parallel':
      return {
        id: own,
        parallel: Object.fromEntries(recipe.branches.map((body, n) => [`b${n}`, list(body)])),
      }
    case 'forEach':
      return {
        id: own,
        forEach: `[1..${recipe.items}]`,
        as: `item_${own}`,
        index: `index_${own}`,
        concurrency: recipe.concurrency,
        do: list(recipe.body),
      }
    case 'loop':
      return {
        id: own,
        [recipe.verb]: recipe.verb === 'while' ? 'vars.n < 4' : 'vars.n >= 2',
        do: [{ id: id(names), set: { n: '${ vars.n + 1 }' } }, ...(list(recipe.body) as Json[])],
      }
    case 'try': {
      const handler = recipe.handler && {
        catch: [{ ...(recipe.named && { errors: ['Canceled', '*'] }), do: list(recipe.handler) }],
      }
      const cleanup = recipe.cleanup && { finally: list(recipe.cleanup, true) }
      return {
        id: own,
        try: list(recipe.body),
        ...(handler ?? (cleanup ? {} : { finally: [build({ kind: 'set' }, names, true)] })),
        ...cleanup,
      }
    }
    default:
      return recipe satisfies never
  }
}

/** A whole document, as JSON text (which is YAML too). */
export const randomDocument: fc.Arbitrary<string> = fc
  .record({ body: recipes, handler: fc.option(recipes, { freq: 2 }), timeout: fc.boolean() })
  .map(({ body, handler, timeout }) => {
    const names: Names = { next: 0 }
    const steps = body.map((one) => build(one, names, false))
    const note = handler === null ? {} : { note: { do: handler.map((one) => build(one, names, true)) } }
    return JSON.stringify({
      dsl: 'perdure/1',
      name: 'random',
      version: '1.0.0',
      vars: { n: 0 },
      signals: { go: {}, ...note },
      ...(timeout && { timeout: '2m' }),
      steps,
    })
  })
