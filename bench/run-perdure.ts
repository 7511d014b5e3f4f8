/**
 * Perdure in a process of its own, compiled, as it is published and as its peers are measured:
 * `run-perdure.ts STORE SCALE` (STORE a URL, or pglite:DIR); one JSON line a shape.
 */
import { defineActivity, Perdure } from 'perdure'
import { drive } from './load.ts'
import { benchInput, definitionOf, type Shape, shapes, warmUpRuns, workflowName } from './shapes.ts'

const [store = '', scale = '1'] = process.argv.slice(2)
const noop = defineActivity({ name: 'bench.noop', run: async () => null })
const all = shapes(Number(scale))
const target = store.startsWith('pglite:')
  ? { dataDir: store.slice('pglite:'.length) }
  : { databaseUrl: store }
const perdure = new Perdure({ ...target, activities: [noop] })
await perdure.start()
for (const shape of all) await perdure.deploy(definitionOf(shape))

const runOf = (shape: Shape) => async () => {
  const handle = await perdure.client.start(workflowName(shape), { input: benchInput })
  await handle.result()
}
for (const shape of all) await drive({ total: warmUpRuns, inFlight: 50, run: runOf(shape) })

for (const shape of all) {
  const run = runOf(shape)
  console.log(JSON.stringify({ begins: shape.name }))
  const figures = await drive({ total: shape.total, inFlight: shape.inFlight, run })
  console.log(
    JSON.stringify({
      engine: store.startsWith('pglite:') ? 'perdure-pglite' : 'perdure-postgres',
      shape: shape.name,
      steps: shape.steps,
      ...figures,
    }),
  )
}
await perdure.stop()
process.exit(0)
