/** The shapes that are measured: no-op activities in process, 300-byte inputs, two expressions per step. */

export interface Shape {
  readonly name: string
  readonly steps: number
  readonly parallel: boolean
  readonly inFlight: number
  readonly total: number
}

/** Of each shape before anything is measured, in every engine: a server is a process that has run for a while. */
export const warmUpRuns = 500

/** `scale` shortens a run; the figures of a short one are noisier. */
export function shapes(scale: number): readonly Shape[] {
  const count = (total: number) => Math.max(20, Math.round(total * scale))
  return [
    { name: 'one step, one at a time', steps: 1, parallel: false, inFlight: 1, total: count(1_000) },
    { name: 'one step, 500 in flight', steps: 1, parallel: false, inFlight: 500, total: count(20_000) },
    {
      name: 'five sequential steps, one at a time',
      steps: 5,
      parallel: false,
      inFlight: 1,
      total: count(500),
    },
    {
      name: 'five sequential steps, 500 in flight',
      steps: 5,
      parallel: false,
      inFlight: 500,
      total: count(12_000),
    },
    { name: 'ten parallel steps, one at a time', steps: 10, parallel: true, inFlight: 1, total: count(300) },
    {
      name: 'ten parallel steps, 500 in flight',
      steps: 10,
      parallel: true,
      inFlight: 500,
      total: count(4_000),
    },
  ]
}

/** A name that is a workflow's name too. */
export function workflowName(shape: Shape): string {
  return `bench-${shape.parallel ? 'parallel' : 'sequential'}-${shape.steps}`
}

/** About 300 bytes as JSON. */
export const benchInput = {
  orderId: 'o-000000000001',
  customer: { name: 'Ada Lovelace', email: 'ada@example.org', tier: 'gold' },
  items: [
    { sku: 'sku-0001', qty: 2, price: 10.5 },
    { sku: 'sku-0002', qty: 1, price: 99.95 },
  ],
  note: 'please leave the parcel with the neighbour in the house at the end of the street, thank you',
}

export function definitionOf(shape: Shape): string {
  const step = (n: number) =>
    `id: s${n}, activity: bench.noop, input: { orderId: "\${ input.orderId }", customer: "\${ input.customer }" }`
  const numbers = Array.from({ length: shape.steps }, (_, n) => n + 1)
  const body = shape.parallel
    ? `  - id: all\n    parallel:\n${numbers.map((n) => `      b${n}: [ { ${step(n)} } ]`).join('\n')}`
    : numbers.map((n) => `  - { ${step(n)} }`).join('\n')
  return `dsl: perdure/1\nname: ${workflowName(shape)}\nversion: 1.0.0\nsteps:\n${body}\n  - return: done\n`
}
