import assert from 'node:assert/strict'
import { renderTemplate } from '../../testing/script-template.ts'

describe('templates of a script', () => {
  const call = { input: { to: 'ada', rows: [1, 2] }, attempt: 2 }

  it('see `input` and `attempt` of the call', async () => {
    assert.deepEqual(await renderTemplate("${ { 'sent': input.to, 'n': attempt } }", call), {
      sent: 'ada',
      n: 2,
    })
    assert.deepEqual(
      await renderTemplate({ a: ['${ input.rows }', 'try ${ attempt } of ${ input.to }'] }, call),
      {
        a: [[1, 2], 'try 2 of ada'],
      },
    )
    assert.equal(await renderTemplate('${ $sum(input.rows) }', call), 3)
  })

  it('leave other values as they are', async () => {
    for (const value of [null, true, 1.5, '', 'text', [], {}, { a: null }])
      assert.deepEqual(await renderTemplate(value, call), value)
    assert.equal(await renderTemplate('$${ literal }', call), '${ literal }')
  })

  it('fail where an expression does not parse, gives nothing or has no end', async () => {
    await assert.rejects(renderTemplate('${ input. }', call))
    await assert.rejects(renderTemplate('${ input.missing }', call), /gave nothing/)
    await assert.rejects(renderTemplate('${ input', call), /has no end/)
  })
})
