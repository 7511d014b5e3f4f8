/** Each sentence about scenarios has one that passes and one that must fail: what the tests of them share. */
import assert from 'node:assert/strict'
import { assertPassed, failureOf, type Kit, type KitOptions, openKit } from './kit.ts'

export interface ExpectedFailure {
  readonly expected?: unknown
  readonly got?: unknown
  /** Of the scenario file. */
  readonly line?: number
  /** At which the document is pointed to. */
  readonly step?: string
}

/** One activity whose result is the run's. */
export const oneStep =
  'steps:\n  - { id: greet, activity: greetings.greet, input: "${ input }" }\n  - return: ${ steps.greet }\n'

/** Waits for a signal, and can be asked how far it is. */
export const approval = `
vars: { seen: nothing }
signals:
  approval: { schema: { type: object, required: [approved] } }
queries:
  status: { seen: "\${ vars.seen }" }
  broken: \${ vars.seen.nowhere }
steps:
  - id: prepare
    activity: work.prepare
  - set: { seen: prepared }
  - id: approval
    wait: { signal: approval }
  - set: { seen: approved }
  - return: \${ steps.approval.approved }
`

/** For the `describe` that calls it. */
export function useKit() {
  let kit: Kit
  before(async () => {
    kit = await openKit()
  })
  after(() => kit.close())
  const run: Kit['run'] = (...given) => kit.run(...given)

  const passes = (name: string, document: string, scenario: string, options: KitOptions = {}) =>
    it(`${name}: passes`, async () => assertPassed(await run(document, scenario, options)))

  /** Also with a crash around every turn. */
  const passesWithCrashes = (name: string, document: string, scenario: string, options: KitOptions = {}) => {
    passes(name, document, scenario, options)
    it(`${name}: passes, with a crash around every turn`, async () =>
      assertPassed(await run(document, scenario, { ...options, crashEverywhere: true })))
  }

  const fails = (
    name: string,
    document: string,
    scenario: string,
    message: RegExp,
    { expected, got, line, step, ...options }: KitOptions & ExpectedFailure = {},
  ) =>
    it(`${name}: fails`, async () => {
      const failure = failureOf(await run(document, scenario, options))
      assert.match(failure.message, message)
      if (expected !== undefined) assert.deepEqual(failure.expected, expected)
      if (got !== undefined) assert.deepEqual(failure.got, got)
      if (line !== undefined) assert.equal(failure.place.line, line)
      if (step !== undefined) assert.equal(failure.documentPlace?.step, step)
    })

  return { run, passes, passesWithCrashes, fails }
}
