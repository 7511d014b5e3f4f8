/**
 * The process that `family.full.ts` kills: an engine on a store with families of workflows, an update to each, and a
 * sink for their events. `family.ts STORE SINK_URL PREFIX FAMILIES CALLS_FILE`.
 * Prints `running`, and one JSON line when all families have ended and the outbox is empty.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type ActivityContext, defineActivity, EngineError, type HistoryEvent, Perdure } from '../../index.ts'
import { cyclesSource, familySource } from './family-source.ts'

const [store = '', sinkUrl = '', prefix = '', families = '1', callsFile = ''] = process.argv.slice(2)

const work = defineActivity({
  name: 'work',
  async run(input: { value: number }, context: ActivityContext) {
    const { workflowId, runId, activityId, attempt, path } = context.info
    const call = {
      workflowId,
      runId,
      activityId,
      attempt,
      path,
      key: context.idempotencyKey,
    }
    appendFileSync(callsFile, `${JSON.stringify(call)}\n`)
    await pause(Number(process.env['PERDURE_CRASH_WORK_MS'] ?? 5))
    return input.value
  },
})

const target = store.startsWith('pglite:')
  ? { dataDir: store.slice('pglite:'.length) }
  : { databaseUrl: store }
const perdure = new Perdure({
  ...target,
  activities: [work],
  definitions: [
    { source: familySource, format: 'yaml' },
    { source: cyclesSource, format: 'yaml' },
  ],
  settings: {
    eventSinks: [{ name: 'test', url: sinkUrl, types: ['family.*', 'cycles.*'], initialIntervalMs: 50 }],
  },
})
await perdure.start()

/** The run of an earlier process may be there already, open or closed. */
async function begin(n: number) {
  const workflowId = `${prefix}${n}`
  try {
    await perdure.client.start('family', {
      workflowId,
      input: { n },
      idConflict: 'useExisting',
      idReuse: 'reject',
    })
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'WorkflowAlreadyRunning') throw error
  }
  return perdure.client.handle(workflowId)
}

const all = await Promise.all(
  Array.from({ length: Number(families) }, async (_, index) => {
    const handle = await begin(index + 1)
    // One at a time, so that processes are killed in the middle of both.
    const answer = await handle.update('note', index + 1, { updateId: `note-${index + 1}` })
    if (index === 0) console.log('running')
    return { workflowId: handle.workflowId, answer, result: await handle.result() }
  }),
)
while ((await perdure.engine.deliveries('default', {})).items.some(({ event }) => isOurs(event)))
  await pause(20)
console.log(JSON.stringify({ families: all, runs: await runsOf(prefix) }))
await perdure.stop()

/** The last runs of all executions of these families, children too, with their histories. */
async function runsOf(idPrefix: string) {
  const runs: { workflowId: string; status: string; events: HistoryEvent[] }[] = []
  let cursor: string | undefined
  do {
    const query = `workflowId starts with '${idPrefix}'`
    const page = await perdure.engine.list('default', { query, ...(cursor === undefined ? {} : { cursor }) })
    for (const { workflowId, runId, status } of page.items) {
      const events: HistoryEvent[] = []
      for await (const event of perdure.client.handle(workflowId, runId).history()) events.push(event)
      runs.push({ workflowId, status, events })
    }
    cursor = page.cursor ?? undefined
  } while (cursor !== undefined)
  return runs
}

function isOurs(event: unknown): boolean {
  return JSON.stringify(event).includes(prefix)
}
