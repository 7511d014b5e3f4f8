/**
 * Golden transcripts: every verb and its main options, played on the bare reducer and held against the text that was
 * read in review. `PERDURE_UPDATE_GOLDEN=1` writes what came out instead; the difference is for people to judge.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { VerbName } from '../../../schema/plan.ts'
import { play, programOfScript, readScript } from './script.ts'
import { transcriptOf } from './transcript.ts'

const folder = new URL('.', import.meta.url).pathname
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length))

const isUpdating = process.env['PERDURE_UPDATE_GOLDEN'] === '1'

/** The file of a verb begins with this; a verb that is missing here does not compile. */
const prefixes: { readonly [V in VerbName]: string } = {
  activity: 'activity',
  workflow: 'workflow',
  do: 'do',
  switch: 'switch',
  parallel: 'parallel',
  forEach: 'for-each',
  while: 'while',
  until: 'until',
  try: 'try',
  wait: 'wait',
  set: 'set',
  signal: 'signal',
  emit: 'emit',
  fail: 'fail',
  return: 'return',
  continueAsNew: 'continue-as-new',
  states: 'states',
}

describe('golden transcripts', () => {
  for (const name of names) {
    it(name, async () => {
      const script = readScript(`${folder}${name}.yaml`)
      const { run, played } = await play(script)
      const actual = transcriptOf(script, run, played)
      const path = `${folder}${name}.txt`
      if (isUpdating) writeFileSync(path, actual)
      assert.ok(existsSync(path), `no transcript yet: run with PERDURE_UPDATE_GOLDEN=1 and read it`)
      assert.equal(actual, readFileSync(path, 'utf8'))
      assert.match(actual, /\n= /, 'a run that is open at the end of its script waits for something (I6)')
    })
  }

  it('every verb has one', () => {
    for (const [verb, prefix] of Object.entries(prefixes)) {
      const found = names.some((name) => {
        if (name !== prefix && !name.startsWith(`${prefix}-`)) return false
        const { plan } = programOfScript(readScript(`${folder}${name}.yaml`))
        return Object.values(plan.steps).some((step) => step.verb === verb)
      })
      assert.ok(found, `no golden transcript of \`${verb}\`: ${prefix}.yaml in test/interpreter/golden/`)
    }
  })

  it('no transcript is left without its script', () => {
    const left = readdirSync(folder).filter(
      (name) => name.endsWith('.txt') && !names.includes(name.slice(0, -'.txt'.length)),
    )
    assert.deepEqual(left, [])
  })
})
