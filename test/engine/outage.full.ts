/**
 * The server is away for a while under load: behind a door that this test shuts, cuts and opens again. Nothing that
 * was acknowledged is lost, the engines go on by themselves, and no step is recorded twice (I1, I2, I4, I5).
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { createEngine, type EngineUnderTest } from '../../engine/create.ts'
import { openActivities } from '../../engine/embedded/process-activities.ts'
import { openStorage } from '../../storage/open.ts'
import { startTestPostgres } from '../postgres.ts'
import { assertWhole, readRuns } from './stored-runs.ts'
import { deploy, doc, namespace } from './support.ts'

class Gate {
  door: 'open' | 'refuses' = 'open'
  readonly #sockets = new Set<Socket>()
  readonly #server
  constructor(host: string, port: number) {
    this.#server = createServer((near) => {
      near.on('error', () => {})
      this.#sockets.add(near)
      near.on('close', () => this.#sockets.delete(near))
      if (this.door === 'refuses') return near.destroy()
      const far = connect(port, host)
      far.on('error', () => near.destroy())
      near.on('close', () => far.destroy())
      far.on('close', () => near.destroy())
      near.pipe(far)
      far.pipe(near)
    })
  }
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
  close(): void {
    this.#server.close()
    this.cut()
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const source = doc(
  `
signals: { go: {} }
steps:
${Array.from({ length: 8 }, (_, n) => `  - { id: s${n}, activity: work, input: { value: "\${ input.n + ${n} }" } }`).join('\n')}
  - { id: gate, wait: { signal: go } }
  - { id: last, activity: work, input: { value: "\${ steps.s7 }" } }
  - return: \${ steps.last }
`,
  'outage',
)

describe('a server that is away under load', () => {
  for (const awayMs of [0, 3_000, 10_000]) {
    it(`for ${awayMs} ms: everything that was acknowledged ends, once`, async () => {
      const { url } = await startTestPostgres()
      const target = new URL(url)
      const gate = new Gate(target.hostname, Number(target.port || 5432))
      const schema = `outage_${process.pid}_${awayMs}`
      const port = await gate.listen()
      const through = new URL(url)
      through.hostname = '127.0.0.1'
      through.port = String(port)
      const reader = new pg.Client(url)
      await reader.connect()
      const calls = new Map<string, number>()
      const nodes = await Promise.all(
        [0, 1].map(async () => {
          const { executor } = await openActivities({
            given: [
              {
                name: 'work',
                run: async ({ value }: { value: number }, context: { idempotencyKey: string }) => {
                  calls.set(context.idempotencyKey, (calls.get(context.idempotencyKey) ?? 0) + 1)
                  await pause(5)
                  return value
                },
              },
            ],
          })
          const storage = openStorage({ kind: 'postgres', connectionString: String(through), schema })
          const engine = createEngine({ storage, executor })
          await engine.start()
          return engine
        }),
      )
      const [one, two] = nodes
      assert.ok(one && two)
      try {
        await deploy(one, source)
        const acknowledged: number[] = []
        const tell = async <T>(work: (engine: EngineUnderTest) => Promise<T>): Promise<T> => {
          for (let n = 0; ; n += 1) {
            try {
              return await work(n % 2 === 0 ? one : two)
            } catch (thrown) {
              assert.equal((thrown as { code?: string }).code, 'Unavailable', String(thrown))
              await pause(25)
            }
          }
        }
        const all = Array.from({ length: 250 }, async (_, n) => {
          await pause(n * 4)
          const workflowId = `o-${n}`
          await tell((engine) =>
            engine.startExecution({
              namespace,
              workflow: 'outage',
              workflowId,
              requestId: workflowId,
              input: { n },
            }),
          )
          await tell((engine) => engine.signal({ namespace, workflowId }, 'go', null, `${workflowId}-go`))
          acknowledged.push(n)
        })
        await pause(500)
        gate.door = 'refuses'
        gate.cut()
        await pause(awayMs)
        gate.door = 'open'
        const back = Date.now()
        await Promise.all(all)
        assert.equal(acknowledged.length, 250)
        for (let n = 0; n < 250; n += 1) {
          const ask = () => tell((engine) => engine.result({ namespace, workflowId: `o-${n}` }))
          let outcome = await ask()
          while (outcome.status === 'running') outcome = await ask()
          assert.ok(outcome.status === 'completed', `o-${n} is ${outcome.status}`)
          assert.equal(outcome.result, n + 7)
        }
        const tookMs = Date.now() - back
        await reader.query(`set search_path to ${schema}`)
        const found = await readRuns(reader)
        assert.equal(found.length, 250)
        for (const run of found) {
          const { events } = await assertWhole(run, source)
          assert.equal(events.filter(({ type }) => type === 'ActivityTaskScheduled').length, 9)
        }
        assert.equal(calls.size, 250 * 9, 'no activity ran that is not in history (I1)')
        const again = [...calls.values()].filter((count) => count > 1).length
        console.log(
          `      all ended ${tookMs} ms after it came back; ${again} of ${calls.size} activities ran again`,
        )
      } finally {
        gate.door = 'open'
        for (const engine of nodes) await engine.stop({ graceMs: 0 })
        await reader.end()
        gate.close()
      }
    })
  }
})
