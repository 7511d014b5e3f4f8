/** What lists show, the end of old runs, and definitions. */
import { deepEqual, equal } from 'node:assert/strict'
import type { DefinitionRecord, ExecutionFilter } from '../contract.ts'
import { newRunId, newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'

export function visibilitySuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  describe('lists', () => {
    it('finds the open run, else the latest, else the one that is named', async () => {
      const { visibility } = fixture().storage
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      equal(await visibility.find(namespace, 'w'), null)
      const first = await fixture().beginClosed(node, 'failed', { namespace, startedAt: newYear })
      const second = await fixture().beginClosed(node, 'completed', { namespace, startedAt: newYear + 1 })
      equal((await visibility.find(namespace, 'w'))?.runId, second)
      const open = await fixture().begin(node, { namespace, startedAt: newYear + 2 })
      equal((await visibility.find(namespace, 'w'))?.runId, open)
      equal((await visibility.find(namespace, 'w', first))?.status, 'failed')
      equal(await visibility.find(namespace, 'other', first), null)
      equal(await visibility.find(namespace, 'w', newRunId()), null)
      equal(await visibility.find(namespace, 'w', 'no id at all'), null)
    })

    it('says which of many runs are open', async () => {
      const { visibility } = fixture().storage
      const node = await fixture().newNode()
      const open = await fixture().begin(node)
      const closed = await fixture().beginClosed(node, 'failed')
      const asked = [closed, newRunId(), open, 'no id at all', open]
      deepEqual([...(await visibility.openOf(asked))], [open])
      deepEqual([...(await visibility.openOf([]))], [])
    })

    it('filters by each field and by all together, and counts the same', async () => {
      const { visibility } = fixture().storage
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const start = (workflowId: string, workflow: string, version: string, at: number) => ({
        namespace,
        workflowId,
        workflow,
        version,
        startedAt: newYear + at,
      })
      await fixture().begin(node, start('order-1', 'orders', '1.0.0', 1))
      await fixture().beginClosed(node, 'failed', start('order-2', 'orders', '2.0.0', 2))
      await fixture().beginClosed(node, 'completed', start('order_3', 'orders', '2.0.0', 3))
      await fixture().begin(node, start('trip%1', 'trips', '1.0.0', 4))
      const cases: readonly [Omit<ExecutionFilter, 'namespace'>, readonly string[]][] = [
        [{}, ['trip%1', 'order_3', 'order-2', 'order-1']],
        [{ workflow: 'orders' }, ['order_3', 'order-2', 'order-1']],
        [{ version: '2.0.0' }, ['order_3', 'order-2']],
        [{ status: 'running' }, ['trip%1', 'order-1']],
        [{ status: 'failed' }, ['order-2']],
        [{ status: 'terminated' }, []],
        [{ workflowId: 'order_3' }, ['order_3']],
        [{ workflowId: 'order' }, []],
        [{ workflowIdPrefix: 'order-' }, ['order-2', 'order-1']],
        [{ workflowIdPrefix: 'order_' }, ['order_3']],
        [{ workflowIdPrefix: 'trip%' }, ['trip%1']],
        [{ startedAfter: newYear + 2 }, ['trip%1', 'order_3']],
        [{ startedBefore: newYear + 2 }, ['order-1']],
        [{ startedAfter: newYear + 1, startedBefore: newYear + 4, status: 'completed' }, ['order_3']],
        [{ workflow: 'orders', version: '1.0.0', workflowIdPrefix: 'o', status: 'running' }, ['order-1']],
      ]
      for (const [filter, expected] of cases) {
        const found = await visibility.list({ namespace, ...filter }, 100, null)
        deepEqual(
          found.map((run) => run.workflowId),
          expected,
        )
        equal(await visibility.count({ namespace, ...filter }), expected.length)
      }
    })

    it('pages newest first without gaps or repeats, also among runs of one instant', async () => {
      const { visibility } = fixture().storage
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const turns = Array.from({ length: 25 }, (_, number) =>
        fixture().startTurn({ namespace, workflowId: `w${number}`, startedAt: newYear + (number % 3) }),
      )
      await fixture().commit(node, ...turns)
      const pages: string[] = []
      for (let after: string | null = null; ; ) {
        const page = await visibility.list({ namespace }, 4, after)
        if (page.length === 0) break
        pages.push(...page.map((run) => run.runId))
        after = page.at(-1)?.runId ?? null
      }
      const all = (await visibility.list({ namespace }, 100, null)).map((run) => run.runId)
      deepEqual(pages, all)
      equal(new Set(pages).size, 25)
      const times = (await visibility.list({ namespace }, 100, null)).map((run) => run.startedAt)
      deepEqual(
        times,
        [...times].sort((a, b) => b - a),
      )
      deepEqual(await visibility.list({ namespace }, 4, newRunId()), [])
      deepEqual(await visibility.list({ namespace }, 4, 'no id at all'), [])
    })

    it('expires closed runs, oldest close first, in batches, and what hangs on them', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      // Long before all others of the suite.
      const close = (workflowId: string, at: number) =>
        fixture().beginClosed(
          node,
          'completed',
          { namespace, workflowId, startedAt: at, requestId: `r-${workflowId}` },
          at + 1,
        )
      const old = await close('old', 1_000)
      const older = await close('older', 500)
      const young = await close('young', 2_000)
      const open = await fixture().begin(node, { namespace, workflowId: 'open', startedAt: 1 })
      equal(await storage.expire(2_001, 1), 1)
      equal(await storage.runs.load(older), null)
      equal((await storage.runs.load(old))?.runId, old)
      equal(await storage.expire(2_001, 100), 1)
      equal(await storage.expire(2_001, 100), 0)
      const left = (await storage.visibility.list({ namespace }, 10, null)).map((run) => run.runId)
      deepEqual(left, [young, open])
      deepEqual(await storage.visibility.history(old, 0, 10), [])
      // The request is forgotten with its run.
      await fixture().begin(node, { namespace, workflowId: 'old', requestId: 'r-old', startedAt: 3_000 })
    })
  })

  describe('definitions', () => {
    const record = (namespace: string, more: Partial<DefinitionRecord> = {}): DefinitionRecord => ({
      namespace,
      name: 'greet',
      version: '1.0.0',
      digest: 'd1',
      source: 'dsl: 1\n# ü\n',
      format: 'yaml',
      deployedAt: newYear,
      deprecated: false,
      ...more,
    })

    it('are written once; the same content again changes nothing, other content is a conflict', async () => {
      const { definitions } = fixture().storage
      const first = record(fixture().newNamespace())
      deepEqual(await definitions.put(first), { outcome: 'created', stored: first })
      const later = { ...first, deployedAt: newYear + 1, source: 'dsl: 1\n' }
      deepEqual(await definitions.put(later), { outcome: 'same', stored: first })
      deepEqual(await definitions.put({ ...later, digest: 'd2' }), { outcome: 'conflict', stored: first })
      deepEqual(await definitions.get(first.namespace, 'greet', '1.0.0'), first)
      equal(await definitions.get(first.namespace, 'greet', '1.0.1'), null)
      equal(await definitions.get(fixture().newNamespace(), 'greet', '1.0.0'), null)
    })

    it('of many racing deployments of one version one is created', async () => {
      const { definitions } = fixture().storage
      const namespace = fixture().newNamespace()
      const outcomes = await Promise.all(
        ['a', 'a', 'b', 'b'].map(
          async (digest) => (await definitions.put(record(namespace, { digest }))).outcome,
        ),
      )
      equal(outcomes.filter((outcome) => outcome === 'created').length, 1)
      equal(outcomes.filter((outcome) => outcome === 'same').length, 1)
    })

    it('are listed without their source, by name and then by text of the version', async () => {
      const { definitions } = fixture().storage
      const namespace = fixture().newNamespace()
      for (const [name, version] of [
        ['b', '1.0.0'],
        ['a', '9.0.0'],
        ['a', '10.0.0'],
        ['B', '1.0.0'],
      ] as const)
        await definitions.put(record(namespace, { name, version, format: 'json' }))
      const shown = async (name?: string) =>
        (await definitions.list(namespace, name)).map((row) => `${row.name} ${row.version}`)
      deepEqual(await shown(), ['B 1.0.0', 'a 10.0.0', 'a 9.0.0', 'b 1.0.0'])
      deepEqual(await shown('a'), ['a 10.0.0', 'a 9.0.0'])
      const { source: _source, ...rest } = record(namespace, { name: 'b', format: 'json' })
      deepEqual(await definitions.list(namespace, 'b'), [rest])
    })

    it('can be deprecated and undeprecated', async () => {
      const { definitions } = fixture().storage
      const namespace = fixture().newNamespace()
      await definitions.put(record(namespace))
      for (const deprecated of [true, false]) {
        equal(await definitions.setDeprecated(namespace, 'greet', '1.0.0', deprecated), true)
        equal((await definitions.get(namespace, 'greet', '1.0.0'))?.deprecated, deprecated)
      }
      equal(await definitions.setDeprecated(namespace, 'greet', '2.0.0', true), false)
    })
  })
}
