/**
 * Children, chains, updates and events under SIGKILL (I1, I2, I4, I5, I8): a process with a family of workflows is
 * killed at each named point of a turn and started again; and on PostgreSQL two processes share many families, of
 * which one after the other is killed. Every family ends with the same result, every update has one answer, every
 * event reaches the sink.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { faultPointNames } from '../../engine/fault-points.ts'
import type { HistoryEvent } from '../../index.ts'
import { startTestPostgres } from '../postgres.ts'
import { readFamilyCalls } from './family-calls.ts'
import { eventsOfFamily, familyResult } from './family-source.ts'
import { openSink, type Sink } from './sink.ts'

const program = join(dirname(fileURLToPath(import.meta.url)), 'family.ts')

interface Report {
  readonly families: readonly {
    readonly workflowId: string
    readonly answer: unknown
    readonly result: unknown
  }[]
  readonly runs: readonly {
    readonly workflowId: string
    readonly status: string
    readonly events: readonly HistoryEvent[]
  }[]
}

interface Target {
  store(directory: string): Promise<string>
  /** How often a point is passed before the kill. */
  readonly counts: readonly number[]
}

const targets: { readonly [name: string]: Target } = {
  PostgreSQL: { store: async () => (await startTestPostgres()).url, counts: [1, 5] },
  PGlite: { store: async (directory) => `pglite:${join(directory, 'data')}`, counts: [3] },
}

describe('families under SIGKILL', () => {
  let directory = ''
  let sink: Sink
  const children: ChildProcess[] = []
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'perdure-family-'))
    writeFileSync(join(directory, 'calls'), '')
    sink = await openSink()
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await sink.close()
    rmSync(directory, { recursive: true, force: true })
  })

  function run(
    store: string,
    prefix: string,
    families: number,
    environment: { readonly [name: string]: string } = {},
  ) {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', program, store, sink.url, prefix, String(families), join(directory, 'calls')],
      { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    children.push(child)
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += String(chunk)
    })
    const lines = createInterface({ input: child.stdout })
    const report = new Promise<Report | null>((resolve) => {
      lines.on('line', (line) => line.startsWith('{') && resolve(JSON.parse(line)))
      lines.on('close', () => resolve(null))
    })
    const running = new Promise<void>((resolve) => {
      lines.on('line', (line) => line === 'running' && resolve())
      lines.on('close', resolve)
    })
    return { child, report, running, exited: once(child, 'exit'), errors: () => errors }
  }

  function assertReport(report: Report | null, prefix: string, families: number, errors: string): void {
    assert.ok(report, errors)
    assert.deepEqual(
      report.families,
      Array.from({ length: families }, (_, index) => ({
        workflowId: `${prefix}${index + 1}`,
        answer: { noted: index + 1 },
        result: familyResult(index + 1),
      })),
    )
    assert.equal(report.runs.length, families * 4, 'a parent and three children each')
    for (const { workflowId, status, events } of report.runs) {
      assert.equal(status, 'completed', workflowId)
      assertWhole(events)
    }
  }

  /** At least once, and none lost; the id tells a second delivery of the same event. */
  function assertDelivered(prefix: string, families: number): void {
    const ours = sink.received.filter(({ subject }) => subject.startsWith(prefix))
    assert.equal(new Set(ours.map(({ id }) => id)).size, families * eventsOfFamily)
    for (const { contentType } of ours) assert.match(contentType, /^application\/cloudevents\+json/)
  }

  function assertOnce(prefix: string): void {
    const keys = new Map<string, Set<string>>()
    for (const call of readFamilyCalls(join(directory, 'calls'))) {
      if (!call.workflowId.startsWith(prefix)) continue
      const activity = `${call.runId}/${call.activityId}`
      keys.set(activity, (keys.get(activity) ?? new Set()).add(call.key))
    }
    for (const [activity, used] of keys)
      assert.equal(used.size, 1, `${activity} had several idempotency keys`)
  }

  for (const [name, { store: open, counts }] of Object.entries(targets))
    describe(`one process, on ${name}`, () => {
      for (const point of faultPointNames)
        for (const count of counts)
          it(`${point}, the ${count}. time`, async () => {
            const store = await open(directory)
            const prefix = `f-${process.pid}-${point}-${count}-`
            const killed = run(store, prefix, 1, { PERDURE_FAULT_POINT: `${point}:${count}` })
            await killed.exited
            assert.equal(killed.child.signalCode, 'SIGKILL', `it was not killed: ${killed.errors()}`)
            const again = run(store, prefix, 1)
            assertReport(await again.report, prefix, 1, again.errors())
            await again.exited
            assertDelivered(prefix, 1)
            assertOnce(prefix)
          })
    })

  it('two processes with forty families, killed one after the other four times, on PostgreSQL', async function () {
    this.timeout(180_000)
    const families = 40
    const { url } = await startTestPostgres()
    const prefix = `crowd-${process.pid}-`
    const slow = { PERDURE_CRASH_WORK_MS: '150' }
    let one = run(url, prefix, families, slow)
    let other = run(url, prefix, families, slow)
    for (let kill = 0; kill < 4; kill++) {
      await Promise.all([one.running, other.running])
      one.child.kill('SIGKILL')
      await one.exited
      one = other
      other = run(url, prefix, families, slow)
    }
    assertReport(await one.report, prefix, families, one.errors())
    assertReport(await other.report, prefix, families, other.errors())
    await Promise.all([one.exited, other.exited])
    assertDelivered(prefix, families)
    assertOnce(prefix)
  })
})

/** Dense ids, one closing event, one outcome of each activity, child and update. */
function assertWhole(events: readonly HistoryEvent[]): void {
  assert.deepEqual(
    events.map(({ eventId }) => eventId),
    events.map((_, index) => index + 1),
  )
  const count = (type: HistoryEvent['type']) => events.filter((event) => event.type === type).length
  assert.equal(count('WorkflowExecutionCompleted'), 1)
  assert.equal(events.at(-1)?.type, 'WorkflowExecutionCompleted')
  assert.equal(count('ActivityTaskCompleted'), count('ActivityTaskScheduled'))
  assert.equal(count('ChildWorkflowExecutionCompleted'), count('StartChildWorkflowExecutionInitiated'))
  assert.equal(count('ChildWorkflowExecutionStarted'), count('StartChildWorkflowExecutionInitiated'))
  assert.equal(count('WorkflowUpdateCompleted'), count('WorkflowUpdateAccepted'))
  const isParent = count('StartChildWorkflowExecutionInitiated') > 0
  assert.equal(count('WorkflowUpdateAccepted'), isParent ? 1 : 0)
}
