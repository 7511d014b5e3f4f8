/**
 * Joins and `tolerate` held against models of a few lines, for random branches that end in random orders. PERDURE_RUNS
 * sets how many are drawn, PERDURE_SEED which.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Json } from '../../../schema/json.ts'
import { replayable } from '../../properties/draws.ts'
import { programOf, Run, startOf } from '../harness.ts'

const numRuns = Number(process.env['PERDURE_RUNS'] ?? 100)

type Join = 'all' | 'any' | 'settled' | { readonly atLeast: number }

/** What ends in which order: the index of a branch or item, and whether it succeeds. */
interface End {
  readonly index: number
  readonly succeeds: boolean
}

async function startWith(steps: Json): Promise<Run> {
  const document = { dsl: 'perdure/1', name: 'joins', version: '1.0.0', steps }
  const run = new Run(programOf(JSON.stringify(document)))
  await run.feed({ ...startOf(run.program), timestamp: run.now, input: {} })
  return run
}

/** Nothing where nobody waits for it any more. */
async function end(run: Run, path: string, { index, succeeds }: End): Promise<void> {
  const found = Object.values(run.state.activitiesPending).find((activity) => activity.path === path)
  if (found === undefined) return
  const base = { timestamp: run.now, activityId: found.id, attempt: found.attempt }
  if (succeeds) await run.feed({ type: 'ActivityTaskCompleted', ...base, result: index })
  else {
    const error = { type: `Down${index}`, message: 'down', retryable: false }
    await run.feed({ type: 'ActivityTaskFailed', ...base, error })
  }
}

type Expected = { readonly result: { readonly [branch: string]: Json } } | { readonly error: string }

/** What the language says of a `parallel`, whose branches end one after the other. */
function modelOf(join: Join, ends: readonly End[]): Expected {
  const needed = join === 'all' ? ends.length : join === 'any' ? 1 : join === 'settled' ? 0 : join.atLeast
  const result: { [branch: string]: Json } = {}
  let failed = 0
  for (const { index, succeeds } of ends) {
    if (!succeeds) failed += 1
    if (join === 'settled') result[`b${index}`] = succeeds ? { status: 'ok', value: index } : 'failed'
    else if (succeeds) result[`b${index}`] = index
    else if (ends.length - failed < needed) return { error: `Down${index}` }
    if (join !== 'settled' && Object.keys(result).length === needed) break
  }
  return { result }
}

const joins = fc.integer({ min: 1, max: 6 }).chain((count) =>
  fc.record({
    join: fc.oneof(
      fc.constantFrom<Join>('all', 'any', 'settled'),
      fc.integer({ min: 1, max: count }).map((atLeast): Join => ({ atLeast })),
    ),
    order: fc.shuffledSubarray(
      Array.from({ length: count }, (_, index) => index),
      { minLength: count },
    ),
    succeeds: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
  }),
)

describe('joins are what their models say', () => {
  it('of branches', async () => {
    const property = fc.asyncProperty(joins, async ({ join, order, succeeds }) => {
      const ends = order.map((index) => ({ index, succeeds: succeeds[index] ?? false }))
      const branches = Object.fromEntries(
        order.map((index) => [`b${index}`, [{ id: `s${index}`, activity: 'x' }]]),
      )
      const run = await startWith([{ id: 'p', join, parallel: branches }, { return: '${ steps.p }' }])
      for (const one of ends) await end(run, `p.b${one.index}.s${one.index}`, one)
      const expected = modelOf(join, ends)
      if ('error' in expected) return assert.equal(run.error().type, expected.error)
      const result = run.result() as { readonly [branch: string]: { status?: string } }
      const shown = Object.entries(result).map(([name, one]) => [
        name,
        one.status === 'failed' ? 'failed' : one,
      ])
      assert.deepEqual(Object.fromEntries(shown), expected.result)
    })
    await fc.assert(property, replayable(numRuns))
  }).timeout(60_000)

  it('of items that may fail', async () => {
    const drawn = fc.record({
      succeeds: fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
      tolerate: fc.oneof(
        fc.integer({ min: 0, max: 5 }).map((count) => ({ written: count as Json, of: () => count })),
        fc.integer({ min: 0, max: 100 }).map((share) => ({
          written: `${share}%`,
          of: (items: number) => Math.floor((items * share) / 100),
        })),
      ),
      concurrency: fc.integer({ min: 1, max: 4 }),
      picks: fc.array(fc.nat(3), { minLength: 12, maxLength: 12 }),
    })
    const property = fc.asyncProperty(drawn, async ({ succeeds, tolerate, concurrency, picks }) => {
      const allowed = tolerate.of(succeeds.length)
      const items = JSON.stringify(succeeds.map((_, n) => n))
      const body = { as: 'it', do: [{ id: 'w', activity: 'x' }], concurrency, tolerate: tolerate.written }
      const run = await startWith([{ id: 'all', forEach: items, ...body }, { return: '${ steps.all }' }])
      let failed = 0
      for (const pick of picks) {
        const pending = Object.values(run.state.activitiesPending)
        const chosen = pending[pick % Math.max(1, pending.length)]
        if (chosen === undefined) break
        assert.ok(pending.length <= concurrency)
        const index = Number(/\d+/.exec(chosen.path)?.[0])
        const one = { index, succeeds: succeeds[index] ?? false }
        if (!one.succeeds) failed += 1
        await end(run, chosen.path, one)
        if (failed > allowed) break
      }
      if (failed > allowed) {
        assert.equal(run.error().type, 'TooManyFailures')
        assert.deepEqual(run.error().details, { failed, tolerated: allowed })
        return
      }
      const statuses = (run.result() as unknown as { status: string }[]).map(({ status }) => status === 'ok')
      assert.deepEqual(statuses, succeeds)
    })
    await fc.assert(property, replayable(numRuns))
  }).timeout(60_000)
})
