/**
 * What expressions cost, in microseconds each. Run: `node --import tsx bench/micro/expressions.ts`. Prints one JSON line;
 * no test, since figures depend on the machine.
 */
import type { EvaluationContext, Scope } from '../../interpreter/expressions/contract.ts'
import { linkPlan } from '../../interpreter/expressions/link.ts'
import { render } from '../../interpreter/expressions/render.ts'
import { checkJson } from '../../interpreter/values/values.ts'
import type { Json } from '../../schema/json.ts'
import { runLimits } from '../../schema/limits.ts'
import { type Plan, planVersion, type Template } from '../../schema/plan.ts'

const roots: { readonly [name: string]: Json } = {
  input: {
    orderId: 'o-1',
    customer: { name: 'Ann' },
    items: [
      { sku: 'a', price: 10, qty: 2 },
      { sku: 'b', price: 5, qty: 1 },
      { sku: 'c', price: 1, qty: 7 },
    ],
  },
  vars: { n: 1 },
}
const steps: { readonly [id: string]: Json } = { validate: { valid: true } }
const scope: Scope = {
  root: (name) => roots[name],
  result: (id) => steps[id],
  all: () => ({ ...roots, steps }),
}
const context: EvaluationContext = { now: 0, random: () => 0.5, limits: runLimits }

const sources = [
  'input.orderId',
  'input.customer.name',
  'vars.n + 1',
  '$not(steps.validate.valid)',
  '$sum(input.items.(price*qty))',
  'input.items[price > 4].sku',
  "{ 'id': input.orderId, 'skus': input.items.sku }",
]
const plan: Plan = {
  planVersion,
  name: 'bench',
  version: '1.0.0',
  digest: '',
  labels: {},
  vars: [],
  activityDefaults: {},
  signals: {},
  queries: {},
  updates: {},
  saga: { order: 'sequential', onFailure: 'continue' },
  blocks: {},
  steps: {},
  expressions: sources.map((source) => ({
    source,
    place: { line: 1, column: 1 },
    path: '',
    names: { steps: [], vars: [], roots: [] },
  })),
}
const program = linkPlan(plan)

async function microseconds(rounds: number, once: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let repeat = 0; repeat < 5; repeat++) {
    const start = process.hrtime.bigint()
    for (let round = 0; round < rounds; round++) {
      const value = once()
      if (value instanceof Promise) await value
    }
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1000 / rounds)
  }
  return Math.round(best * 1000) / 1000
}

const twoPaths: Template = {
  kind: 'map',
  entries: [
    ['orderId', { kind: 'expression', expression: 0 }],
    ['customer', { kind: 'expression', expression: 1 }],
  ],
}
const figures: { [name: string]: number } = {
  'template of two paths': await microseconds(200_000, () => render(program, twoPaths, scope, context)),
}
for (const [expression, source] of sources.entries()) {
  const template: Template = { kind: 'expression', expression }
  figures[source] = await microseconds(10_000, () => render(program, template, scope, context))
}
const payload = {
  orderId: 'o-1',
  note: 'x'.repeat(120),
  items: roots['input'],
  ok: true,
  at: '2026-01-31T12:00:00Z',
}
figures[`checkJson of ${JSON.stringify(payload).length} bytes`] = await microseconds(50_000, () =>
  checkJson(payload, runLimits),
)
console.log(JSON.stringify({ bench: 'expressions', unit: 'µs', figures }))
