/** The same workflows on @dbos-inc/dbos-sdk, as a process of its own: `run-dbos.ts URL SCALE`; one JSON line a shape. */
import { DBOS } from '@dbos-inc/dbos-sdk'
import { drive } from './load.ts'
import { benchInput, type Shape, shapes, warmUpRuns, workflowName } from './shapes.ts'

const [url = '', scale = '1'] = process.argv.slice(2)
const noop = async (_input: unknown) => null

async function body(shape: Shape, input: typeof benchInput): Promise<string> {
  const step = (n: number) =>
    DBOS.runStep(() => noop({ orderId: input.orderId, customer: input.customer }), { name: `s${n}` })
  if (shape.parallel) await Promise.all(Array.from({ length: shape.steps }, (_, n) => step(n + 1)))
  else for (let n = 1; n <= shape.steps; n++) await step(n)
  return 'done'
}

const all = shapes(Number(scale))
const workflows = new Map<string, (input: typeof benchInput) => Promise<string>>()
for (const shape of all) {
  const name = workflowName(shape)
  if (!workflows.has(name)) {
    workflows.set(
      name,
      DBOS.registerWorkflow((input: typeof benchInput) => body(shape, input), { name }),
    )
  }
}

DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, logLevel: 'error', runAdminServer: false })
await DBOS.launch()
for (const workflow of workflows.values())
  await drive({ total: warmUpRuns, inFlight: 50, run: () => workflow(benchInput) })
for (const shape of all) {
  const workflow = workflows.get(workflowName(shape))
  if (workflow === undefined) throw new Error(`no workflow for ${shape.name}`)
  // A tenth as many: it is slower, and a figure needs no more.
  const total = Math.max(20, Math.round(shape.total / 10))
  console.log(JSON.stringify({ begins: shape.name }))
  const figures = await drive({ total, inFlight: shape.inFlight, run: () => workflow(benchInput) })
  console.log(JSON.stringify({ engine: 'dbos', shape: shape.name, steps: shape.steps, ...figures }))
}
await DBOS.shutdown()
process.exit(0)
