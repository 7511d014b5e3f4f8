/**
 * Random valid workflows over the whole language: a document and those that it may start, as JSON text (which is YAML
 * too). Owns what stands around the steps: signals, updates, queries, states, deadlines.
 */
import fc from 'fast-check'
import type { Json } from '../../schema/json.ts'
import {
  buildSteps,
  type DocumentContext,
  durationText,
  handlerPlace,
  mainPlace,
  type ScriptedStep,
  type Step,
} from './build.ts'
import { fewRecipes, type Recipe, recipes } from './recipes.ts'

export interface RandomDocument {
  readonly name: string
  readonly source: string
  readonly isMachine: boolean
  readonly scripted: readonly ScriptedStep[]
  /** Signals and updates that it declares. */
  readonly signals: readonly string[]
  readonly updates: readonly string[]
}

/** The first is the one that is started. */
export type Family = readonly [RandomDocument, ...RandomDocument[]]

interface Around {
  readonly handler: readonly Recipe[] | null
  readonly concurrency: number
  readonly update: readonly Recipe[] | null
  readonly timeoutMs: number | null
  readonly saga: 'plain' | 'parallel' | 'pause' | null
}

interface StateRecipe {
  readonly body: readonly Recipe[] | null
  readonly way: readonly Recipe[] | null
  readonly next: boolean
  readonly caught: boolean
  readonly pick: number
}

const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })

const around: fc.Arbitrary<Around> = fc.record({
  handler: sometimes(fewRecipes),
  concurrency: fc.nat(2),
  update: sometimes(fewRecipes),
  timeoutMs: sometimes(fc.integer({ min: 20_000, max: 200_000 })),
  saga: fc.constantFrom(null, 'plain' as const, 'parallel' as const, 'pause' as const),
})

const stepsForm = fc.record({ body: recipes, around })
const childForm = fc.record({ body: fewRecipes, around })
const statesForm = fc.record({
  states: fc.array(
    fc.record({
      body: sometimes(fewRecipes),
      way: sometimes(fewRecipes),
      next: fc.boolean(),
      caught: fc.boolean(),
      pick: fc.nat(1_000_000),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  ending: fc.constantFrom('return' as const, 'fail' as const),
  around,
})

/** Children start grandchildren of the next name alone, so that a family is finite. */
export const randomFamily: fc.Arbitrary<Family> = fc
  .record({
    main: fc.oneof({ weight: 3, arbitrary: stepsForm }, { weight: 1, arbitrary: statesForm }),
    child: childForm,
    other: sometimes(statesForm),
  })
  .map(({ main, child, other }): Family => {
    const names = ['child', ...(other === null ? [] : ['other'])]
    return [
      'body' in main ? stepsDocument('main', 'm', main, names) : statesDocument('main', 'm', main, names),
      stepsDocument('child', 'c', child, names.slice(1)),
      ...(other === null ? [] : [statesDocument('other', 'o', other, [])]),
    ]
  })

function stepsDocument(
  name: string,
  prefix: string,
  recipe: { readonly body: readonly Recipe[]; readonly around: Around },
  children: readonly string[],
): RandomDocument {
  const context: DocumentContext = { prefix, children, isMachine: false, next: 0, scripted: [] }
  const steps: Step[] = [
    // A child begins when nothing else does: what several executions do at one instant has no order.
    { id: 'begin', wait: "${ $string(input.ms) & 'ms' }" },
    ...buildSteps(recipe.body, context, mainPlace),
    { id: 'end', return: { n: '${ vars.n }', log: '${ vars.log }', round: '${ input.round }' } },
  ]
  const rest = aroundOf(recipe.around, context)
  return finished(name, context, { ...rest, steps })
}

function statesDocument(
  name: string,
  prefix: string,
  recipe: {
    readonly states: readonly StateRecipe[]
    readonly ending: 'return' | 'fail'
    readonly around: Around
  },
  children: readonly string[],
): RandomDocument {
  const context: DocumentContext = { prefix, children, isMachine: true, next: 0, scripted: [] }
  const hop = { hops: '${ vars.hops + 1 }', log: "${ $append(vars.log, ['hop']) }" }
  const states: { [state: string]: Step } = {
    start: { do: [{ id: 'begin', wait: "${ $string(input.ms) & 'ms' }" }], next: 's0' },
  }
  for (const [index, state] of recipe.states.entries()) {
    const forward = index + 1 === recipe.states.length ? 'last' : `s${index + 1}`
    const back = `s${state.pick % (index + 1)}`
    const body = state.body === null ? [] : buildSteps(state.body, context, mainPlace)
    const way = state.way === null ? {} : { do: buildSteps(state.way, context, handlerPlace) }
    states[`s${index}`] = {
      ...(body.length > 0 && { do: body }),
      ...(state.next && {
        next: [{ to: forward, when: `vars.n % 2 = ${state.pick % 2}`, set: hop, ...way }],
      }),
      ...(state.caught &&
        body.length > 0 && {
          catch: [
            {
              errors: ['Down', 'Chosen', 'Time*'],
              to: forward,
              set: { log: '${ $append(vars.log, [error.type]) }' },
            },
          ],
        }),
      on: {
        go: [
          { to: back, when: 'vars.hops < 4 and signal % 2 = 0', set: hop },
          { to: forward, when: 'signal > 2' },
        ],
        ...(state.pick % 2 === 0 && {
          step: { to: forward, set: { log: '${ $append(vars.log, [signal]) }' } },
        }),
      },
      after: {
        [durationText(state.pick, 5_000, 25_000)]: { to: back, when: 'vars.hops < 3', set: hop },
        [durationText(state.pick + 7, 30_000, 60_000)]: forward,
      },
    }
  }
  states['last'] =
    recipe.ending === 'return'
      ? { return: { n: '${ vars.n }', log: '${ vars.log }' } }
      : { fail: { type: 'Chosen', message: 'the last state' } }
  const rest = aroundOf({ ...recipe.around, handler: null }, context)
  return finished(name, context, {
    ...rest,
    signals: { go: { schema: { type: 'number' } }, step: { schema: { type: 'number' } } },
    initial: 'start',
    states,
  })
}

function aroundOf(recipe: Around, context: DocumentContext): { [key: string]: Json } {
  const { handler, update } = recipe
  return {
    ...(recipe.timeoutMs !== null && { timeout: `\${ $string(input.ms + ${recipe.timeoutMs}) & 'ms' }` }),
    ...(recipe.saga !== null &&
      recipe.saga !== 'plain' && {
        saga: recipe.saga === 'parallel' ? { order: 'parallel' } : { onFailure: 'pause' },
      }),
    signals: {
      go: { schema: { type: 'number' } },
      note: {
        ...(recipe.concurrency > 0 && { concurrency: recipe.concurrency }),
        do: handler === null ? [logSignal] : [logSignal, ...buildSteps(handler, context, handlerPlace)],
      },
    },
    updates: {
      ...(update !== null && {
        bump: {
          schema: { type: 'number' },
          validate: '$update != vars.n',
          do: buildSteps(update, context, handlerPlace),
          return: { n: '${ vars.n }' },
        },
      }),
      poke: { do: [{ id: `${context.prefix}poked`, set: { n: '${ vars.n + 1 }' } }], return: '${ vars.n }' },
    },
    queries: {
      state: { n: '${ vars.n }', log: '${ vars.log }' },
      plus: { schema: { type: 'number' }, return: '${ query + vars.n }' },
    },
  }
}

const logSignal: Json = { id: 'noted', set: { log: '${ $append(vars.log, [signal]) }' } }

function finished(name: string, context: DocumentContext, rest: { [key: string]: Json }): RandomDocument {
  const document = {
    dsl: 'perdure/1',
    name,
    version: '1.0.0',
    input: {
      type: 'object',
      properties: { ms: { type: 'number', default: 1 }, round: { type: 'number', default: 1 } },
    },
    vars: { n: 0, log: [], rounds: 0, signaled: 0, hops: 0 },
    ...rest,
  }
  const keys = (value: Json | undefined) =>
    Object.keys(typeof value === 'object' && value !== null ? value : {})
  return {
    name,
    source: JSON.stringify(document),
    isMachine: context.isMachine,
    scripted: context.scripted,
    signals: keys(rest['signals']),
    updates: keys(rest['updates']),
  }
}
