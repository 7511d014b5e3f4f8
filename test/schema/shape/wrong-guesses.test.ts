import assert from 'node:assert/strict'
import { loadDocument } from '../../../schema/load.ts'
import { renderProblem } from '../../../schema/problems/render.ts'

const head = 'dsl: perdure/1\nname: a\nversion: 1.0.0\n'

interface Guess {
  readonly bad: string
  readonly code: string
  readonly says: RegExp
}

const step = (keys: string) => `steps:\n  - id: a\n${keys.replace(/^/gm, '    ')}\n`
const activity = (keys: string) => step(`activity: x.y\n${keys}`)
const key = (bad: string, says: RegExp): Guess => ({ bad, code: 'unknown-key', says })
const expression = (bad: string, says: RegExp, code = 'bad-expression'): Guess => ({
  bad: activity(`if: ${bad}`),
  code,
  says,
})

/** What people write who come from elsewhere; `‸` marks where the problem must point. */
const guesses: readonly Guess[] = [
  // GitHub Actions
  key(step('‸uses: actions/checkout'), /`activity`/),
  key(step('‸run: npm test'), /`activity`/),
  key(activity('‸with: { ref: main }'), /`input`/),
  key(activity('‸needs: [b]'), /`parallel`/),
  key(activity('‸timeout-minutes: 3'), /`timeout`/),
  key(activity('‸continue-on-error: true'), /`try`/),
  key(activity('‸env: { A: 1 }'), /known here/),
  key('‸jobs: { a: { steps: [] } }\n', /`steps`/),
  key('‸on: push\nsteps: [ { return: 1 } ]\n', /started from outside/),
  { bad: activity('input: { a: "${{ input.x ‸}}" }'), code: 'bad-expression', says: /single braces/ },
  expression('"{{ input.x ‸}}"', /single braces/),
  { bad: activity('input: { a: ‸"{{ input.x }}" }'), code: 'moustache', says: /\$\{ … \}/ },
  expression('‸github.ref', /hand it in as `input`/, 'unknown-name'),
  expression('‸env.X', /hand it in as `input`/, 'unknown-name'),
  expression('‸secrets.X', /activities/, 'unknown-name'),
  // Google Workflows, Serverless Workflow
  key(step('‸call: http.get'), /`activity`/),
  key(activity('‸args: { a: 1 }'), /`input`/),
  key(activity('‸result: answer'), /steps\.<id>/),
  key(activity('‸next: b'), /`switch`/),
  key('steps:\n  - ‸assign: [ { x: 1 } ]\n', /`set`/),
  key('steps:\n  - ‸raise: { type: A }\n', /`fail`/),
  key('‸document: { dsl: 1.0.0 }\nsteps: [ { return: 1 } ]\n', /root of the document/),
  key('‸do: [ { return: 1 } ]\n', /`steps`/),
  key('‸main: { steps: [] }\n', /`steps`/),
  // Step Functions
  key(step('type: Task\n‸resource: arn'), /`activity`/),
  { bad: 'steps:\n  - ‸type: Task\n', code: 'no-verb', says: /activity: …/ },
  key('‸StartAt: a\nstates: { a: { final: true } }\n', /`initial`/),
  key('initial: a\n‸States: { a: {} }\n', /`states`/),
  key('initial: a\nstates: { a: { ‸Type: Succeed } }\n', /final: true/),
  key(activity('‸end: true'), /`return`/),
  key(activity('‸parameters: { a: 1 }'), /`input`/),
  key(activity('‸resultPath: $.x'), /steps\.<id>/),
  { bad: activity('input: { a: ‸$.x }'), code: 'maybe-expression', says: /\$\{ input\.x \}/ },
  expression('$.‸orderId = 1', /input\.orderId/, 'unknown-name'),
  key(activity('‸timeoutSeconds: 3'), /`timeout`/),
  key(activity('‸retries: 3'), /`retry`/),
  key(activity('retry: { ‸maxAttempts: 3 }'), /`maximumAttempts`/),
  key(activity('retry: { ‸delay: 1s }'), /`initialInterval`/),
  key(activity('retry: { ‸limit: 3 }'), /`maximumAttempts`/),
  { bad: activity('retry: ‸3'), code: 'wrong-value', says: /maximumAttempts: 3/ },
  // XState
  key('initial: a\nstates: { a: { on: { go: { ‸target: b } } }, b: { final: true } }\n', /`to`/),
  key('initial: a\nstates: { a: { on: { go: { to: b, ‸cond: x } } }, b: { final: true } }\n', /`when`/),
  key('initial: a\nstates: { a: { ‸entry: [ { wait: 1s } ], next: b }, b: { final: true } }\n', /`do`/),
  key(
    'initial: a\nstates: { a: { ‸exit: [ { wait: 1s } ], next: b }, b: { final: true } }\n',
    /in the transition/,
  ),
  // Steps of others
  key('steps:\n  - ‸delay: 5s\n', /`wait`/),
  key('steps:\n  - ‸sleep: 5s\n', /`wait`/),
  { bad: step('wait: ‸10'), code: 'bare-number-duration', says: /10s/ },
  key(step('wait: { ‸seconds: 10 }'), /`for`/),
  key(step('wait: { ‸event: go }'), /`signal`/),
  key(
    `signals: { go: {} }\n${step('wait: { signal: go }\n‸atMost: 5m')}`,
    /inside: wait: \{ signal: …, atMost/,
  ),
  key(`signals: { go: {} }\n${step('wait: { signal: go }\n‸where: signal.x')}`, /inside: wait/),
  key(`signals: { go: {} }\n${step('wait: { signal: go, ‸timeout: 5m }')}`, /`atMost`/),
  key(activity('‸on_error: [ { fail: rethrow } ]'), /try: \[/),
  key(activity('‸onError: [ { fail: rethrow } ]'), /try: \[/),
  key(activity('‸catch: [ { do: [ { fail: rethrow } ] } ]'), /try: \[/),
  key(step('try: [ { return: 1 } ]\n‸onError: [ { do: [ { return: 1 } ] } ]'), /`catch`/),
  key(step('try: [ { return: 1 } ]\ncatch: [ { ‸type: A, do: [ { return: 1 } ] } ]'), /`errors`/),
  {
    bad: step('try: [ { return: 1 } ]\n‸catch: { errors: [A], do: [ { return: 1 } ] }'),
    code: 'wrong-value',
    says: /catch: \[ \{/,
  },
  { bad: step('‸parallel: [ [ { return: 1 } ] ]'), code: 'wrong-value', says: /first: \[/ },
  { bad: 'steps:\n  - fail: ‸broken\n', code: 'wrong-value', says: /message: broken/ },
  { bad: 'steps:\n  - set: ‸x = 1\n', code: 'wrong-value', says: /name: value/ },
  key(activity('‸rollback: { activity: z }'), /`compensate`/),
  key('‸variables: { a: 1 }\nsteps: [ { return: 1 } ]\n', /`vars`/),
  key('‸variable: { a: 1 }\nsteps: [ { return: 1 } ]\n', /`vars`/),
  key('steps:\n  - if: input.x\n    ‸then: [ { return: 1 } ]\n', /`do`/),
  key(step('forEach: input.x\n‸steps: [ { return: 1 } ]'), /`do`/),
  // Expressions of others
  expression('not ‸input.x', /\$not\(…\)/),
  expression('‸not(input.x)', /\$not\(…\)/, 'unknown-name'),
  expression('input.x =‸= 1', /single =/),
  expression('input.x =‸== 1', /single =/),
  expression('input.x !=‸= 1', /inequality/),
  expression('input.x <‸> 1', /!=/),
  expression('input.x &‸& input.y', /`and`/),
  expression('input.x ‸|| input.y', /`or`/),
  expression('input.x ‸AND input.y', /`and`/),
  expression('"‸!input.x"', /\$not\(…\)/),
  expression('input.x?‸.y', /just `\.`/),
  expression('input.x != ‸None', /null/, 'unknown-name'),
  expression('input.x = ‸True', /true/, 'unknown-name'),
  expression('‸len(input.x) > 1', /\$count/, 'unknown-name'),
  expression('‸uppercase(input.x) = "A"', /\$uppercase/, 'unknown-name'),
  expression('input.x.‸toUpperCase() = "A"', /\$uppercase\(x\)/, 'unknown-function'),
  { bad: activity('input: ${ ‸"a" + input.x }'), code: 'text-added', says: /&/ },
  { bad: activity('input: ${ input.x.map(y =‸> y.z) }'), code: 'bad-expression', says: /function\(\$x\)/ },
]

describe('wrong guesses', () => {
  for (const { bad, code, says } of guesses) {
    it(`${bad.replaceAll('‸', '').trim().replace(/\s+/g, ' ')} is ${code}, with the right fix`, () => {
      const offset = (head + bad).indexOf('‸')
      assert.notEqual(offset, -1)
      const lines = (head + bad).slice(0, offset).split('\n')
      const { problems, plan } = loadDocument(head + bad.replace('‸', ''))
      const errors = problems.filter((problem) => problem.severity === 'error' || problem.code === code)
      const [problem, ...others] = errors
      assert.ok(problem, JSON.stringify(problems))
      const place = { code, line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
      assert.deepEqual(
        { code: problem.code, line: problem.line, column: problem.column },
        place,
        renderProblem(problem),
      )
      assert.match(problem.suggestion ?? '', says)
      assert.deepEqual(others, [], 'one mistake, one problem')
      assert.equal(plan === undefined, problem.severity === 'error')
    })
  }
})
