/**
 * What an item of a long `forEach` costs on the engine, from the first to the last, and how much memory the run takes.
 * `node --expose-gc --import tsx bench/for-each.ts [STORE] [ITEMS] [CONCURRENCY]` (STORE: memory, pglite, pglite:DIR or
 * a URL). One JSON line: microseconds of wall and of processor time per item at each tenth, megabytes at each tenth
 * (heap after a collection), peak memory, and what is stored. No test: figures depend on the machine.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineActivity, Perdure } from '../index.ts'

const [store = 'memory', itemText = '100000', concurrencyText = '50'] = process.argv.slice(2)
const itemCount = Number(itemText)
const concurrency = Number(concurrencyText)
const tenth = Math.max(1, Math.floor(itemCount / 10))

const document = `
dsl: perdure/1
name: bench-for-each
version: 1.0.0
steps:
  - id: all
    forEach: "[1..input.count]"
    as: item
    concurrency: ${concurrency}
    do: [{ id: work, activity: bench.item, input: { item: "\${ item }" } }]
    collect: \${ steps.work.doubled }
  - return: { count: "\${ $count(steps.all) }", last: "\${ steps.all[-1] }" }
`

interface Clocks {
  readonly wallMs: number
  readonly processorMs: number
}
/** The collection lies between `until` and `from`: it is part of no tenth. */
interface Sample {
  readonly until: Clocks
  readonly from: Clocks
  readonly heapMegabytes: number
}
const samples: Sample[] = []
let done = 0

const item = defineActivity({
  name: 'bench.item',
  run(input: { item: number }) {
    done += 1
    if (done % tenth === 0) samples.push(sample())
    return { doubled: input.item * 2 }
  },
})

function sample(): Sample {
  const until = clocks()
  globalThis.gc?.()
  const heapMegabytes = round(process.memoryUsage().heapUsed / 1024 / 1024)
  return { until, from: clocks(), heapMegabytes }
}

function clocks(): Clocks {
  const { user, system } = process.cpuUsage()
  return { wallMs: performance.now(), processorMs: (user + system) / 1000 }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

const temporary = store === 'pglite' ? mkdtempSync(join(tmpdir(), 'perdure-for-each-')) : null
const target =
  store === 'memory'
    ? { inMemory: true as const }
    : store === 'pglite' || store.startsWith('pglite:')
      ? { dataDir: temporary === null ? store.slice('pglite:'.length) : join(temporary, 'data') }
      : { databaseUrl: store }
let peakBytes = 0
const watch = setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
}, 20)

const perdure = new Perdure({
  ...target,
  activities: [item],
  definitions: [{ source: document, format: 'yaml' }],
})
await perdure.start()
const started = sample()
const handle = await perdure.client.start('bench-for-each', { input: { count: itemCount } })
const result = await handle.result()
const ended = sample()
const { historyLength } = await handle.describe()
clearInterval(watch)

const perItem = (of: keyof Clocks) =>
  samples.map(({ until }, index) => {
    const { from } = samples[index - 1] ?? started
    return Math.round(((until[of] - from[of]) * 1000) / tenth)
  })
console.log(
  JSON.stringify({
    store: store.split(':')[0],
    itemCount,
    concurrency,
    result,
    historyLength,
    seconds: round((ended.until.wallMs - started.from.wallMs) / 1000),
    wallMicrosecondsPerItem: perItem('wallMs'),
    processorMicrosecondsPerItem: perItem('processorMs'),
    heapMegabytes: samples.map((one) => one.heapMegabytes),
    peakMegabytes: round(peakBytes / 1024 / 1024),
  }),
)
await perdure.stop()
if (temporary !== null) rmSync(temporary, { recursive: true, force: true })
process.exit(0)
