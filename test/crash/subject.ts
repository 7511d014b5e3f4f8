/**
 * The process that crash tests kill: an engine on a store, one workflow of sequential, parallel, waiting and looping
 * steps, activities that write down each call. `subject.ts STORE WORKFLOW_ID CALLS_FILE`.
 * Prints `running` once it has started, then one JSON line with the result and the history.
 */
import { appendFileSync, existsSync } from 'node:fs'
import { type ActivityContext, defineActivity, EngineError, Perdure } from '../../index.ts'

const [store = '', workflowId = '', callsFile = ''] = process.argv.slice(2)

const document = `
dsl: perdure/1
name: crash-subject
version: 1.0.0
vars: { total: 0 }
signals: { go: {} }
steps:
  - { id: first, activity: note, input: { n: 1 }, compensate: { activity: note, input: { n: -1 } } }
  - id: both
    parallel:
      left: [ { id: left, activity: note, input: { n: "\${ steps.first + 1 }" } } ]
      right: [ { id: right, activity: flaky, input: { n: 10 }, retry: { initialInterval: 20ms } } ]
  - set: { total: "\${ steps.left + steps.right }" }
  - { id: pause, wait: 30ms }
  - id: each
    forEach: "[1..3]"
    as: n
    concurrency: 2
    do: [ { id: item, activity: note, input: { n: "\${ n * 100 }" } } ]
  - { id: slow, activity: slow, input: { n: 7 } }
  - return: { total: "\${ vars.total }", each: "\${ steps.each }", slow: "\${ steps.slow }" }
`

function record(context: ActivityContext): void {
  const { path, attempt, activityId } = context.info
  appendFileSync(
    callsFile,
    `${JSON.stringify({ path, attempt, activityId, key: context.idempotencyKey, pid: process.pid })}\n`,
  )
}

const note = defineActivity({
  name: 'note',
  run(input: { n: number }, context) {
    record(context)
    return input.n
  },
})

const flaky = defineActivity({
  name: 'flaky',
  run(input: { n: number }, context) {
    record(context)
    if (context.info.attempt === 1) throw new Error('the first attempt always fails')
    return input.n
  },
})

/** Under way until the file is there that PERDURE_CRASH_GATE names, so that a test can stop the process meanwhile. */
const slow = defineActivity({
  name: 'slow',
  async run(input: { n: number }, context) {
    record(context)
    const gate = process.env['PERDURE_CRASH_GATE'] ?? callsFile
    while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 5))
    return input.n
  },
})

const target = store.startsWith('pglite:')
  ? { dataDir: store.slice('pglite:'.length) }
  : { databaseUrl: store }
const perdure = new Perdure({
  ...target,
  activities: [note, flaky, slow],
  definitions: [{ source: document, format: 'yaml' }],
})
await perdure.start()
try {
  await perdure.client.start('crash-subject', {
    workflowId,
    input: {},
    idConflict: 'useExisting',
    idReuse: 'reject',
  })
} catch (error) {
  // The run of an earlier process has closed already: its outcome is what counts.
  if (!(error instanceof EngineError) || error.code !== 'WorkflowAlreadyRunning') throw error
}
console.log('running')
const handle = perdure.client.handle(workflowId)
const result = await handle.result()
const events = []
for await (const event of handle.history()) events.push(event)
console.log(JSON.stringify({ result, events }))
if (process.env['PERDURE_CRASH_STAY'] !== '1') await perdure.stop()
