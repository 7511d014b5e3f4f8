/**
 * The process that `crowd.full.ts` kills and stops: an engine with hundreds of runs. `crowd.ts URL SCHEMA RUNS`.
 * Starts all of them by request id (so that a second process adds none), prints `running`, and stays until it is ended.
 */
import { createEngine } from '../../engine/create.ts'
import { openActivities } from '../../engine/embedded/process-activities.ts'
import { openStorage } from '../../storage/open.ts'
import { crowdSource } from './crowd-source.ts'

const [connectionString = '', schema = '', runs = '0'] = process.argv.slice(2)
const { executor } = await openActivities({
  given: [
    {
      name: 'work',
      run: ({ value }: { value: number }) =>
        new Promise((resolve) => setTimeout(resolve, 100 + (value % 7) * 100, value)),
    },
  ],
})
const engine = createEngine({
  storage: openStorage({ kind: 'postgres', connectionString, schema }),
  executor,
})
await engine.start()
await engine.deploy({ namespace: 'default', source: crowdSource, format: 'yaml' })
const started = Array.from({ length: Number(runs) }, (_, n) =>
  engine.startExecution({
    namespace: 'default',
    workflow: 'crowd',
    workflowId: `crowd-${n}`,
    requestId: `crowd-${n}`,
    input: { n },
  }),
)
await Promise.all(started)
console.log('running')
