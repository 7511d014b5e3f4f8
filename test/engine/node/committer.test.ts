import assert from 'node:assert/strict'
import { Committer, type Verdict } from '../../../engine/node/committer.ts'
import { type CommitResult, StorageUnavailableError, type Turn } from '../../../storage/contract.ts'

function turn(runId: string, bytes = 10): Turn {
  return {
    runId,
    firstEventId: 1,
    eventCount: 1,
    events: 'x'.repeat(bytes),
    start: null,
    change: null,
    seenMessage: 0,
    takenMessages: [],
    snapshot: null,
  }
}

interface Call {
  readonly runIds: readonly string[]
  readonly answer: (result: CommitResult | Error) => void
}

function setUp(settings = {}) {
  const calls: Call[] = []
  const told: string[] = []
  const committer = new Committer(
    {
      commit: (_node, turns) =>
        new Promise((resolve, reject) => {
          calls.push({
            runIds: turns.map(({ runId }) => runId),
            answer: (result) => (result instanceof Error ? reject(result) : resolve(result)),
          })
        }),
    },
    { commitTurns: 4, commitBytes: 1000, commitsInFlight: 2, ...settings },
    {
      node: () => 1,
      fenced: (node) => told.push(`fenced ${node}`),
      unreachable: (error) => told.push(`unreachable ${error.message}`),
    },
  )
  return { committer, calls, told }
}

const immediate = () => new Promise((resolve) => setImmediate(resolve))
const committed: CommitResult = { outcome: 'committed', rejected: [] }

describe('engine/committer', () => {
  it('writes what is ready at one moment together, two commits in flight, the rest when one ends', async () => {
    const { committer, calls } = setUp()
    const verdicts = Array.from({ length: 11 }, (_, n) => committer.write(turn(`r${n}`)))
    await immediate()
    assert.deepEqual(
      calls.map(({ runIds }) => runIds.length),
      [4, 4],
    )
    calls[0]?.answer(committed)
    assert.deepEqual(await verdicts[0], { kind: 'committed' })
    while (calls.length < 3) await immediate()
    assert.deepEqual(calls[2]?.runIds, ['r8', 'r9', 'r10'])
    calls[1]?.answer(committed)
    calls[2]?.answer(committed)
    await committer.idle()
    for (const verdict of verdicts) assert.deepEqual(await verdict, { kind: 'committed' })
  })

  it('bounds a commit by bytes, and lets one turn that is larger alone through', async () => {
    const { committer, calls } = setUp({ commitsInFlight: 10 })
    for (const bytes of [600, 600, 5000, 10]) void committer.write(turn(`r${bytes}`, bytes))
    await immediate()
    assert.deepEqual(
      calls.map(({ runIds }) => runIds),
      [['r600'], ['r600'], ['r5000'], ['r10']],
    )
  })

  it('tells each run its own verdict', async () => {
    const { committer, calls } = setUp()
    const [a, b] = [committer.write(turn('a')), committer.write(turn('b'))]
    await immediate()
    calls[0]?.answer({ outcome: 'committed', rejected: [{ runId: 'b', reason: 'conflict' }] })
    assert.equal((await a).kind, 'committed')
    assert.deepEqual(await b, { kind: 'rejected', rejection: { runId: 'b', reason: 'conflict' } })
  })

  it('never sends a batch twice when the answer is lost', async () => {
    const { committer, calls, told } = setUp()
    const verdict = committer.write(turn('a'))
    await immediate()
    calls[0]?.answer(new StorageUnavailableError('gone'))
    assert.equal((await verdict).kind, 'unknown')
    await immediate()
    assert.equal(calls.length, 1)
    assert.deepEqual(told, ['unreachable gone'])
  })

  it('finds the one turn that cannot be stored', async () => {
    const { committer, calls } = setUp({ commitTurns: 128 })
    const verdicts = new Map<string, Promise<Verdict>>()
    for (let n = 0; n < 16; n += 1) verdicts.set(`r${n}`, committer.write(turn(`r${n}`)))
    await immediate()
    for (let call = 0; call < calls.length; call += 1) {
      const bad = calls[call]?.runIds.includes('r5') === true
      calls[call]?.answer(bad ? new Error('invalid byte sequence') : committed)
      await immediate()
    }
    for (const [runId, verdict] of verdicts) {
      assert.equal((await verdict).kind, runId === 'r5' ? 'unstorable' : 'committed', runId)
    }
    assert.ok(calls.length <= 1 + 2 * Math.log2(16))
  })

  it('tells all of a batch that the node is fenced', async () => {
    const { committer, calls, told } = setUp()
    const verdicts = [committer.write(turn('a')), committer.write(turn('b'))]
    await immediate()
    calls[0]?.answer({ outcome: 'fenced' })
    for (const verdict of verdicts) assert.equal((await verdict).kind, 'fenced')
    assert.deepEqual(told, ['fenced 1'])
  })
})
