import assert from 'node:assert/strict'
import { EngineError } from '../../../engine/engine-error.ts'
import { parseListQuery } from '../../../engine/views/list-query.ts'

describe('engine/list-query', () => {
  it('reads comparisons joined by and', () => {
    assert.deepEqual(parseListQuery('n', undefined), { namespace: 'n' })
    assert.deepEqual(parseListQuery('n', '  '), { namespace: 'n' })
    assert.deepEqual(
      parseListQuery(
        'n',
        "status = 'running' and workflow = \"orders\" AND workflowId starts with 'o''1-' and startedAt > '2026-01-02T00:00:00Z'",
      ),
      {
        namespace: 'n',
        status: 'running',
        workflow: 'orders',
        workflowIdPrefix: "o'1-",
        startedAfter: Date.UTC(2026, 0, 2),
      },
    )
    assert.deepEqual(parseListQuery('n', "workflowId='a' and version='1.0.0' and startedAt < '2026-01-02'"), {
      namespace: 'n',
      workflowId: 'a',
      version: '1.0.0',
      startedBefore: Date.UTC(2026, 0, 2),
    })
    assert.deepEqual(parseListQuery('n', "startedAt >= '2026-01-02' and startedAt <= '2026-01-03'"), {
      namespace: 'n',
      startedAfter: Date.UTC(2026, 0, 2) - 1,
      startedBefore: Date.UTC(2026, 0, 3) + 1,
    })
    assert.deepEqual(parseListQuery('n', "parentRunId = 'r' and runs = 'all'"), {
      namespace: 'n',
      parentRunId: 'r',
      allRuns: true,
    })
  })

  for (const [query, message] of [
    ['status', /the end at column 7, expected '=' after status/],
    ["status = 'open'", /'open' at column 10, expected a status: running/],
    ["status = 'paused'", /one that is paused is running/],
    ["status != 'running'", /'!' at column 8/],
    ['status = running', /'running' at column 10, expected a text in quotes/],
    ["state = 'running'", /'state' at column 1, expected one of status/],
    ["status = 'running' or workflow = 'a'", /'or' at column 20, expected 'and'/],
    ["status = 'running' and", /the end/],
    ["status = 'running' and status = 'failed'", /only once/],
    ["workflowId like 'a'", /'like'/],
    ["runs = 'some'", /'runs' at column 1, expected runs = 'all'/],
    ["workflowId starts 'a'", /expected 'with'/],
    ["startedAt > 'soon'", /a time such as/],
    ["workflow = 'a", /expected a text in quotes/],
    [`${"status = 'running' and ".repeat(2000)}x`, /only once/],
  ] as const) {
    it(`refuses ${query.slice(0, 40)}`, () => {
      assert.throws(
        () => parseListQuery('n', query),
        (thrown) =>
          thrown instanceof EngineError && thrown.code === 'RequestInvalid' && message.test(thrown.message),
      )
    })
  }
})
