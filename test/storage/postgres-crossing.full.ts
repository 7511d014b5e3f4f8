/**
 * Two nodes on one PostgreSQL whose commits meet in every way at once: they send to each other's runs while these
 * continue as new, want the same ids for starts and children while others free them, and are sent to from outside.
 * Nothing may deadlock, be lost or be there twice.
 */
import { equal, ok } from 'node:assert/strict'
import type { NodeId, Storage, Turn } from '../../storage/contract.ts'
import { openStorage } from '../../storage/open.ts'
import { newRunId, newYear, StorageFixture } from '../../storage/suite/fixture.ts'
import { birth, message, newRun, sends } from '../../storage/suite/sending.ts'
import { startTestPostgres } from '../postgres.ts'
import { until } from '../until.ts'

const rounds = 60
const senderCount = 4
const chainNames = Array.from({ length: 8 }, (_, number) => `chain-${number}`)
const contendedNames = Array.from({ length: 6 }, (_, number) => `contended-${number}`)

interface Chain {
  readonly name: string
  readonly first: string
  runId: string
  nextEventId: number
  /** How often it went on as a new run. */
  continued: number
}

interface Side {
  readonly fixture: StorageFixture
  readonly node: NodeId
  readonly senders: readonly string[]
  readonly chains: readonly Chain[]
}

describe('commits of two nodes that meet in every way', () => {
  const opened: Storage[] = []
  after(async () => {
    for (const storage of opened) await storage.close()
  })

  const open = async (schema: string) => {
    const { url } = await startTestPostgres()
    const storage = openStorage({ kind: 'postgres', connectionString: url, schema })
    await storage.open()
    opened.push(storage)
    return new StorageFixture(storage)
  }

  const sideOf = async (
    fixture: StorageFixture,
    namespace: string,
    name: string,
    chains: readonly string[],
  ) => {
    const node = await fixture.newNode()
    const begin = (workflowId: string) => fixture.begin(node, { namespace, workflowId })
    const senders = await Promise.all(
      Array.from({ length: senderCount }, (_, number) => begin(`sender-${name}-${number}`)),
    )
    const begun = chains.map(async (workflowId) => {
      const first = await begin(workflowId)
      return { name: workflowId, first, runId: first, nextEventId: 2, continued: 0 }
    })
    return { fixture, node, senders, chains: await Promise.all(begun) }
  }

  it('neither block one another nor lose anything', async () => {
    const schema = `crossing_${process.pid}_${Date.now()}`
    const one = await open(schema)
    const namespace = one.newNamespace()
    const sides = [
      await sideOf(one, namespace, 'a', chainNames.slice(0, 4)),
      await sideOf(await open(schema), namespace, 'b', chainNames.slice(4)),
    ] as const
    const firstOf = new Map(sides.flatMap((side) => side.chains.map((chain) => [chain.name, chain.first])))

    const sendingTurns = (side: Side, round: number): Turn[] =>
      side.senders.map((runId, index) =>
        side.fixture.turn(runId, round + 2, {
          sends: sends({
            messages: chainNames.map((workflowId, place) => {
              const firstRunId = firstOf.get(workflowId)
              return message(namespace, {
                workflowId,
                ...(place % 2 === 0 || firstRunId === undefined ? {} : { firstRunId }),
              })
            }),
            births: [0, 1].map((more) =>
              birth(namespace, { workflowId: contendedNames[(index + round + more) % 6] ?? '' }),
            ),
          }),
        }),
      )

    /** Each chain of this side goes on as its next run whenever no message comes between a look and its commit. */
    const continueChains = async (side: Side) => {
      while (!isOver) {
        for (const chain of side.chains) {
          const loaded = await side.fixture.storage.runs.claimOne(side.node, chain.runId)
          const runId = newRunId(newYear + 1)
          const run = newRun(namespace, {
            workflowId: chain.name,
            firstRunId: chain.first,
            startedAt: newYear + 1,
          })
          const turn = side.fixture.turn(chain.runId, chain.nextEventId, {
            change: {
              kind: 'close',
              status: 'continuedAsNew',
              closedAt: newYear,
              outcome: `{"runId":"${runId}"}`,
            },
            seenMessage: loaded?.lastMessage ?? 0,
            sends: sends({ successor: { runId, run, inbox: [] } }),
          })
          const [rejection] = await side.fixture.commit(side.node, turn)
          if (rejection !== undefined) equal(rejection.reason, 'unseenMessage')
          else {
            chain.runId = runId
            chain.nextEventId = 1
            chain.continued += 1
          }
        }
      }
    }

    /** Frees ids that the other side may want just now. */
    const closings = async (side: Side): Promise<Turn[]> => {
      const turns: Turn[] = []
      for (const workflowId of contendedNames) {
        const found = await side.fixture.storage.visibility.find(namespace, workflowId)
        if (found?.status !== 'running') continue
        const loaded = await side.fixture.storage.runs.claimOne(side.node, found.runId)
        if (loaded === null) continue
        const next = loaded.turns.length + 1
        const seen = { seenMessage: loaded.lastMessage }
        turns.push(side.fixture.turn(found.runId, next, { change: side.fixture.closing(), ...seen }))
      }
      return turns
    }

    let accepted = 0
    const sendFromOutside = async (round: string) => {
      const results = await one.storage.messages.send(
        [...chainNames].reverse().map((workflowId) => ({
          namespace,
          workflowId,
          payload: '1',
          dedupe: null,
          messageId: `m-${round}`,
        })),
        newYear,
      )
      for (const { outcome } of results) equal(outcome, 'accepted')
      accepted += results.length
    }

    const drive = async (side: Side, name: number) => {
      for (let round = 0; round < rounds; round++) {
        const starts = contendedNames.map((workflowId) =>
          side.fixture.startTurn(
            { namespace, workflowId, owned: false },
            { sends: sends({ births: [birth(namespace, { workflowId: `${workflowId}-child` })] }) },
          ),
        )
        const sending = sendingTurns(side, round)
        const closing = await closings(side)
        const [rejected] = await Promise.all([
          side.fixture.commit(side.node, ...starts, ...closing, ...sending),
          sendFromOutside(`${name}-${round}`),
        ])
        const refused = new Set(rejected.map(({ runId }) => runId))
        for (const { runId } of sending) ok(!refused.has(runId))
        // However few of its looks meet a moment without a message, a chain keeps up with what is sent to it.
        await until(() => side.chains.some(({ continued }) => continued > round))
      }
    }

    let isOver = false
    const continuing = Promise.all(sides.map(continueChains))
    await Promise.all(sides.map(drive)).finally(() => {
      isOver = true
    })
    await continuing

    // Each sender was told of each message and each child, once.
    for (const side of sides)
      for (const runId of side.senders) {
        const inbox = (await one.storage.runs.load(runId))?.inbox.map((row) => row.payload) ?? []
        const told = (text: string) => inbox.filter((payload) => payload === text).length
        equal(told('"accepted"'), rounds * chainNames.length)
        equal(told('"born"') + told('"taken"'), rounds * 2)
        equal(inbox.length, rounds * (chainNames.length + 2))
      }
    // What was accepted for a chain is counted by one of its runs.
    const all = await one.storage.visibility.list({ namespace, allRuns: true }, 10_000, null)
    let counted = 0
    for (const run of all.filter(({ workflowId }) => chainNames.includes(workflowId)))
      counted += (await one.storage.runs.load(run.runId))?.lastMessage ?? 0
    equal(counted, accepted + 2 * senderCount * rounds * chainNames.length)
    const continued = all.filter(({ status }) => status === 'continuedAsNew').length
    const contended = all.filter(({ workflowId }) => contendedNames.includes(workflowId)).length
    // Else it has not tried what it is for.
    ok(continued > rounds, `${continued} runs continued as new`)
    ok(contended > rounds, `${contended} runs had a contended id`)
    const openIds = all.filter(({ status }) => status === 'running').map(({ workflowId }) => workflowId)
    equal(openIds.length, new Set(openIds).size)
  })

  it('that want the same ids, one for starts and the other for children, get each id once', async () => {
    const schema = `crossing_ids_${process.pid}_${Date.now()}`
    const fixtures = [await open(schema), await open(schema)] as const
    const namespace = fixtures[0].newNamespace()
    const nodes = [await fixtures[0].newNode(), await fixtures[1].newNode()] as const
    const begin = (side: 0 | 1) =>
      fixtures[side].begin(nodes[side], { namespace, workflowId: `parent-${side}` })
    const parents = [await begin(0), await begin(1)] as const
    const go = async (side: 0 | 1, round: number) => {
      const fixture = fixtures[side]
      const ids = (kind: number) => Array.from({ length: 40 }, (_, number) => `${round}-${number}-${kind}`)
      const started = ids(side).map((workflowId) => fixture.startTurn({ namespace, workflowId }))
      const births = ids(1 - side).map((workflowId) => birth(namespace, { workflowId }))
      const turn = fixture.turn(parents[side], round + 2, { sends: sends({ births }) })
      const rejected = await fixture.commit(nodes[side], ...started, turn)
      for (const { reason } of rejected) equal(reason, 'exists')
    }
    for (let round = 0; round < 40; round++) await Promise.all([go(0, round), go(1, round)])
    equal(await fixtures[0].storage.visibility.count({ namespace }), 2 + 40 * 40 * 2)
  })
})
