import assert from 'node:assert/strict'
import { chooseVersion } from '../../../engine/calls/version-choice.ts'

const deployed = [
  { version: '1.0.0', deprecated: false },
  { version: '2.0.0', deprecated: false },
  { version: '2.1.0', deprecated: false },
  { version: '2.10.0', deprecated: true },
  { version: '3.0.0-beta.1', deprecated: false },
]

function chosen(wanted: string | undefined): string {
  const choice = chooseVersion('orders', wanted, deployed)
  return choice.kind === 'chosen' ? choice.version : `none: ${choice.detail}`
}

describe('engine/version-choice', () => {
  it('takes an exact version, also one that is deprecated or a pre-release', () => {
    assert.equal(chosen('1.0.0'), '1.0.0')
    assert.equal(chosen('2.10.0'), '2.10.0')
    assert.equal(chosen('3.0.0-beta.1'), '3.0.0-beta.1')
    assert.match(chosen('9.0.0'), /not deployed/)
  })

  it('takes the highest in a range that is neither deprecated nor a pre-release', () => {
    assert.equal(chosen('^2.0'), '2.1.0')
    assert.equal(chosen('2'), '2.1.0')
    assert.equal(chosen('>=1.0.0 <2.0.0'), '1.0.0')
    assert.match(chosen('^3.0'), /no deployed version/)
    assert.match(chosen('~2.10.0'), /deprecated/)
  })

  it('takes a pre-release where the range asks for one', () => {
    assert.equal(chosen('>=3.0.0-0'), '3.0.0-beta.1')
  })

  it('takes the highest stable one where nothing is named', () => {
    assert.equal(chosen(undefined), '2.1.0')
  })

  it('says what is wrong', () => {
    assert.match(chosen('latest'), /neither a version nor a range/)
    const none = chooseVersion('orders', undefined, [])
    assert.ok(none.kind === 'none' && /no definition named 'orders'/.test(none.detail))
  })
})
