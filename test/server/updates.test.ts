import assert from 'node:assert/strict'
import { type Harness, harness, hello, until } from './harness.ts'

const update = '/api/v1/workflows/w/updates'

describe('server: updates', () => {
  let at: Harness
  beforeEach(async () => {
    at = await harness({ limits: { longPollMs: 5_000 } })
    await at.engine.deploy({ namespace: 'default', source: hello, format: 'yaml' })
    await at.call('POST', '/api/v1/workflows', { json: { workflow: 'hello', workflowId: 'w' } })
  })
  afterEach(() => at.stop())

  it('answers 200 with the result', async () => {
    const answer = await at.call('POST', `${update}/approve`, {
      json: { input: { ok: true }, updateId: 'u-1' },
    })
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.body, { echo: { ok: true } })
    assert.equal(answer.headers.get('perdure-update-id'), 'u-1')
    assert.deepEqual(at.engine.argsOf('update'), [
      { namespace: 'default', workflowId: 'w' },
      'approve',
      { updateId: 'u-1', input: { ok: true }, waitMs: 5_000 },
    ])
  })

  it('gives the same answer for the same update id, and a new id where none is given', async () => {
    const first = await at.call('POST', `${update}/add`, { json: { input: 1, updateId: 'same' } })
    const second = await at.call('POST', `${update}/add`, { json: { input: 2, updateId: 'same' } })
    assert.deepEqual(second.body, first.body)
    const bare = await at.call('POST', `${update}/add`)
    assert.equal(bare.status, 200)
    assert.match(bare.headers.get('perdure-update-id') ?? '', /^[0-9a-f-]{36}$/)
    assert.deepEqual(bare.body, { echo: null })
  })

  it('answers any JSON as the bare body, and names any id in the header', async () => {
    const results = [null, false, 0, 'text', [1, [2]], {}, { updateId: 'x', status: 'pending' }]
    for (const [index, result] of results.entries()) {
      const updateId = `${index}/50%\u00a0\n\u{1f600} a:b~"`
      const waiting = at.call('POST', `${update}/slow`, { json: { updateId } })
      await until(() => at.engine.longPolls === 1)
      at.engine.answer('w', updateId, { result })
      const { status, body, headers } = await waiting
      assert.deepEqual([status, body], [200, result])
      assert.equal(decodeURIComponent(headers.get('perdure-update-id') ?? ''), updateId)
    }
  })

  it('answers 202 when `wait` passes; the same call waits on', async () => {
    const pending = await at.call('POST', `${update}/slow`, { json: { updateId: 'u', wait: '20ms' } })
    assert.equal(pending.status, 202)
    assert.deepEqual(pending.body, { updateId: 'u', status: 'pending' })
    assert.equal(pending.headers.get('perdure-update-id'), 'u')
    const waiting = at.call('POST', `${update}/slow`, { json: { updateId: 'u' } })
    await until(() => at.engine.longPolls === 1)
    at.engine.answer('w', 'u', { result: 7 })
    assert.equal((await waiting).body, 7)
  })

  it('waits no longer than its limit for long polls', async () => {
    const other = await harness({ engine: at.engine, limits: { longPollMs: 20 } })
    const answer = await other.call('POST', `${update}/slow`, { json: { updateId: 'u', wait: '10m' } })
    assert.equal(answer.status, 202)
    await other.stop()
  })

  it('answers 422 UpdateFailed with the error of the handler', async () => {
    const waiting = at.call('POST', `${update}/slow`, { json: { updateId: 'u' } })
    await until(() => at.engine.longPolls === 1)
    at.engine.answer('w', 'u', { type: 'NotEnough', message: 'two are left' })
    const { status, body, headers } = await waiting
    assert.deepEqual([status, body.code], [422, 'UpdateFailed'])
    assert.equal(headers.get('perdure-update-id'), 'u')
    assert.equal(body.detail, "update 'slow' failed: NotEnough: two are left")
    assert.deepEqual([body.error.type, body.error.message], ['NotEnough', 'two are left'])
    assert.deepEqual(body.details, { updateId: 'u' })
  })

  it('answers each refusal with its own code', async () => {
    const cases = [
      ['refusedByValidate', 422, 'UpdateRejected'],
      ['refusedInvalid', 422, 'UpdateInvalid'],
      ['refusedUndeclared', 404, 'UpdateNotDeclared'],
      ['refusedPaused', 409, 'ExecutionPaused'],
      ['refusedClosed', 409, 'ExecutionClosed'],
    ] as const
    for (const [name, status, code] of cases) {
      const answer = await at.call('POST', `${update}/${name}`, { json: {} })
      assert.deepEqual([answer.status, answer.body.code], [status, code])
      assert.equal(answer.body.error, undefined)
    }
    const gone = await at.call('POST', '/api/v1/workflows/gone/updates/approve', { json: {} })
    assert.deepEqual([gone.status, gone.body.code], [404, 'ExecutionNotFound'])
  })

  it('refuses a request that is not well formed before the engine is asked', async () => {
    const cases = [
      [{ input: 1, updateid: 'u' }, '/updateid'],
      [{ updateId: '' }, '/updateId'],
      [{ updateId: 'x'.repeat(501) }, '/updateId'],
      [{ wait: 5 }, '/wait'],
      [{ wait: 'soon' }, '/wait'],
    ] as const
    for (const [json, pointer] of cases) {
      const answer = await at.call('POST', `${update}/approve`, { json })
      assert.deepEqual([answer.status, answer.body.errors[0].pointer], [400, pointer])
    }
    assert.deepEqual(at.engine.argsOf('update'), [])
  })

  it('a stop of the server ends the wait with what is in the database', async () => {
    const waiting = at.call('POST', `${update}/slow`, { json: { updateId: 'u' } })
    await until(() => at.engine.longPolls === 1)
    const stopped = at.server.stop(2_000)
    const answer = await waiting
    assert.deepEqual([answer.status, answer.body], [202, { updateId: 'u', status: 'pending' }])
    // Asked once more under the same id: what is answered with success was seen by the engine.
    assert.deepEqual(at.engine.argsOf('update')[2], { updateId: 'u', waitMs: 0 })
    await stopped
  })
})
