/**
 * Executions that wait for a signal: what they cost in memory, and how soon one goes on that is signaled.
 * `node --expose-gc --import tsx bench/waiting.ts [COUNT] [SIGNALS_PER_SECOND]`, on PERDURE_BENCH_DATABASE_URL or a server
 * started for the run; the compiled package (`npm run build` first). One JSON line: seconds to start them all, resident
 * and heap megabytes while they wait, milliseconds from the call of `signal` to its answer and to the next step.
 * A million take minutes. No test: figures depend on the machine.
 */
import { defineActivity, Perdure } from 'perdure'
import pg from 'pg'
import { startTestPostgres } from '../test/postgres.ts'
import { benchInput } from './shapes.ts'

const [countText = '100000', rateText = '200'] = process.argv.slice(2)
const count = Number(countText)
const signalsPerSecond = Number(rateText)
const signals = Math.min(3_000, count)

const document = `
dsl: perdure/1
name: bench-waiting
version: 1.0.0
signals: { go: {} }
steps:
  - { id: gate, wait: { signal: go } }
  - { id: work, activity: bench.work }
  - return: null
`

/** By workflow id: who is told that its next step began. */
const expected = new Map<string, (at: number) => void>()
const work = defineActivity({
  name: 'bench.work',
  run(_input: unknown, { info }) {
    expected.get(info.workflowId)?.(performance.now())
    return null
  },
})

const given = process.env['PERDURE_BENCH_DATABASE_URL']
const server = given === undefined ? await startTestPostgres() : { url: given, stop: async () => {} }
const perdure = new Perdure({
  databaseUrl: server.url,
  activities: [work],
  definitions: [{ source: document, format: 'yaml' }],
})
await perdure.start()

const workflowId = (n: number) => `waiting-${n}`
const began = performance.now()
let started = 0
await Promise.all(
  Array.from({ length: 200 }, async () => {
    while (started < count) {
      const n = started
      started += 1
      await perdure.client.start('bench-waiting', { workflowId: workflowId(n), input: benchInput })
      if ((n + 1) % 100_000 === 0) console.error(`  ${n + 1} started, ${residentMiB()} MiB`)
    }
  }),
)
const startSeconds = (performance.now() - began) / 1000

// What starting them all left to do is done first, so that the signals are measured and not its vacuum and checkpoint.
const client = new pg.Client(server.url)
await client.connect()
await client.query('vacuum (analyze)')
await client.query('checkpoint')
await client.end()
globalThis.gc?.()
const waiting = { residentMiB: residentMiB(), heapMiB: mebibytes(process.memoryUsage().heapUsed) }

const answers: number[] = []
const steps: number[] = []
const first = performance.now()
const sent: Promise<unknown>[] = []
for (let n = 0; n < signals; n += 1) {
  const pauseMs = first + (n * 1000) / signalsPerSecond - performance.now()
  if (pauseMs > 1) await new Promise((resolve) => setTimeout(resolve, pauseMs))
  const id = workflowId(Math.floor(((n + 0.5) * count) / signals))
  const from = performance.now()
  const step = new Promise<number>((resolve) => expected.set(id, resolve))
  sent.push(
    step.then((at) => steps.push(at - from)),
    perdure.client
      .handle(id)
      .signal('go')
      .then(() => answers.push(performance.now() - from)),
  )
}
await Promise.all(sent)
console.log(
  JSON.stringify({
    count,
    startSeconds: Math.round(startSeconds),
    ...waiting,
    signals,
    signalsPerSecond,
    answerP50Ms: quantile(answers, 0.5),
    answerP99Ms: quantile(answers, 0.99),
    stepP50Ms: quantile(steps, 0.5),
    stepP95Ms: quantile(steps, 0.95),
    stepP99Ms: quantile(steps, 0.99),
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
)
await perdure.stop()
await server.stop()

function residentMiB(): number {
  return mebibytes(process.memoryUsage().rss)
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024)
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10
}
