/** Folding (keeps I3): from the start and from every snapshot the same bytes, and the checks on the way. */
import assert from 'node:assert/strict'
import { interpreter } from '../../../engine/interpreter-port.ts'
import { baseOf, FoldError, foldHistory } from '../../../engine/runs/load.ts'
import { loadDocument } from '../../../schema/load.ts'
import type { SnapshotRecord } from '../../../storage/contract.ts'
import { openStorage } from '../../../storage/open.ts'
import { deploy, doc, echo, FunctionExecutor, namespace, startEngine, until } from '../support.ts'
import { wrapStorage } from '../wrapped-storage.ts'

const source = doc(`
signals: { go: {} }
vars: { n: 0, seen: [] }
steps:
  - while: vars.n < 12
    do:
      - { id: a, activity: echo, input: { value: "\${ vars.n }" } }
      - set: { n: "\${ vars.n + 1 }", seen: "\${ $append(vars.seen, [steps.a * $random()]) }" }
  - parallel:
      x: [ { id: b, activity: echo, input: { value: 3 } } ]
      y: [ { id: c, wait: { signal: go } } ]
  - id: last
    wait: { signal: go }
`)

describe('engine/load', () => {
  it('gives the same bytes from the start and from every snapshot', async () => {
    const snapshots: SnapshotRecord[] = []
    const inner = openStorage({ kind: 'memory' })
    const storage = wrapStorage(inner, {
      closes: false,
      commit: (turns, commit) => {
        for (const { snapshot } of turns) if (snapshot !== null) snapshots.push(snapshot)
        return commit()
      },
    })
    const { engine } = await startEngine(new FunctionExecutor(echo), {
      storage,
      settings: { snapshotBytes: 1 },
    })
    await deploy(engine, source)
    const { runId } = await engine.startExecution({ namespace, workflow: 'under-test', workflowId: 'w' })
    await engine.signal({ namespace, workflowId: 'w' }, 'go', { by: 'ann' })
    await until(async () => (await engine.describe({ namespace, workflowId: 'w' })).at[0]?.step === 'last')
    await engine.stop()
    const { plan } = loadDocument(source)
    assert.ok(plan)
    const program = interpreter.link(plan)
    const turns = (await inner.runs.load(runId, { fromStart: true }))?.turns ?? []
    const whole = await foldHistory(program, null, turns, interpreter.foldTurn)
    assert.ok(snapshots.length >= 3, `${snapshots.length} snapshots`)
    for (const snapshot of snapshots) {
      const base = baseOf(program, snapshot)
      assert.ok(base)
      const rest = turns.filter(({ firstEventId }) => firstEventId > snapshot.eventId)
      const folded = await foldHistory(program, base, rest, interpreter.foldTurn)
      assert.equal(
        JSON.stringify(folded.state),
        JSON.stringify(whole.state),
        `from event ${snapshot.eventId}`,
      )
      assert.equal(folded.nextEventId, whole.nextEventId)
    }

    const gap = turns.filter((_, index) => index !== 1)
    await assert.rejects(foldHistory(program, null, gap, interpreter.foldTurn), FoldError)
    await assert.rejects(foldHistory(program, null, turns.slice(1), interpreter.foldTurn), FoldError)
    const other = interpreter.link({ ...plan, digest: '0'.repeat(64) })
    await assert.rejects(foldHistory(other, null, turns, interpreter.foldTurn), /another content/)
    assert.equal(baseOf(other, snapshots[0] as SnapshotRecord), null)
    const newer = turns.map((turn, index) =>
      index === 0 ? { ...turn, events: turn.events.replace('"flags":[]', '"flags":[9]') } : turn,
    )
    await assert.rejects(foldHistory(program, null, newer, interpreter.foldTurn), /newer release/)
  })
})
