/** Recorded histories of every release replay for ever: the same decisions, turn by turn, and the same last state. */
import assert from 'node:assert/strict'
import { interpreter, isInput, loadDocument, type StoredEvent } from '../../engine/index.ts'
import { digestOf, recordedHistories } from './recorded.ts'

const recorded = recordedHistories()

describe('recorded histories', () => {
  it('are there, and hold every type of event that a history can have', () => {
    assert.ok(recorded.length >= 15, `only ${recorded.length}`)
    const types = new Set<StoredEvent['type']>(
      recorded.flatMap(([, { turns }]) => turns.flat().map(({ type }) => type)),
    )
    // An operator alone terminates a child by itself, and no scenario has one.
    types.add('ChildWorkflowExecutionTerminated')
    const missing = Object.keys(isInput).filter((type) => ![...types].some((one) => one === type))
    assert.deepEqual(missing, [])
  })

  for (const [name, { document, turns, stateDigest }] of recorded)
    it(`${name} replays`, async () => {
      const { plan, problems } = loadDocument(document.source, { format: document.format })
      assert.ok(plan, `its document is not valid any more: ${problems[0]?.message}`)
      const program = interpreter.link(plan)
      let state = null
      for (const turn of turns) {
        const before = state === null ? null : JSON.parse(JSON.stringify(state))
        state = await interpreter.foldTurn(program, before, turn)
      }
      assert.ok(state)
      assert.equal(digestOf(state), stateDigest)
    })
})
