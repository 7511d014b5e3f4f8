import assert from 'node:assert/strict'
import { loadDocument } from '../../../schema/load.ts'
import { renderProblems } from '../../../schema/problems/render.ts'

const head = 'dsl: perdure/1\nname: a\nversion: 1.0.0\n'

/**
 * Documents as people write them, with all that is told of each, in order: `‸` marks where, and beside it stand code and fix.
 * Nothing else is told, not even a warning: what follows from a mistake is none of its own.
 */
type Told = readonly [code: string, fix: RegExp]
const documents: readonly (readonly [bad: string, ...told: readonly Told[]])[] = [
  // What a step that cannot be read gives is not unknown
  ['steps:\n  - id: a\n    ‸uses: pay\n  - return: ${ steps.a.id }\n', ['unknown-key', /`activity`/]],
  ['steps:\n  - id: a\n    ‸activty: pay\n  - return: ${ steps.a.id }\n', ['unknown-key', /`activity`/]],
  [
    'steps:\n  - id: a\n    activity: pay\n    ‸wait: 5s\n  - return: ${ steps.a.id }\n',
    ['several-verbs', /a step of each/],
  ],
  [
    'steps:\n  - id: ‸reserve-stock\n    activity: pay\n  - return: ${ steps.reserve-stock.id }\n',
    ['bad-name', /reserve_stock/],
  ],
  [
    'vars: { ‸my-var: 1 }\nsteps:\n  - set: { my-var: 2 }\n  - return: ${ vars.my-var }\n',
    ['bad-name', /my_var/],
  ],
  [
    'steps:\n  - id: l\n    forEach: input.xs\n    as: ‸$x\n    do: [ { id: q, activity: a.b, input: "${ x.id }" } ]\n',
    ['bad-name', /: x$/],
  ],
  [
    'steps:\n  - id: l\n    forEach: input.xs\n    ‸var: order\n    do: [ { id: q, activity: a.b, input: "${ order.id }" } ]\n',
    ['unknown-key', /known here|`as`/],
  ],
  ['‸vars: [ { n: 0 } ]\nsteps:\n  - set: { n: "${ vars.n + 1 }" }\n', ['wrong-value', /vars: \{ name/]],
  ['‸signals: [go]\nsteps:\n  - id: w\n    wait: { signal: go }\n', ['wrong-value', /signals: \{ name/]],
  [
    'initial: a\n‸states:\n  - name: a\n    next: b\n  - name: b\n    final: true\n',
    ['wrong-value', /name the states/],
  ],
  ['vars: { n: 0 }\nsteps:\n  - return: ${ vars.n =‸= 1 }\n', ['bad-expression', /single =/]],
  [
    'vars: { n: 0 }\nsteps:\n  - return: ${ input.xs[price > ‸vars.n] }\n',
    ['scope-name-in-item', /\$vars\.n/],
  ],
  ['signals: { go: {} }\nsteps:\n  - id: w\n    wait: ‸go\n', ['bad-duration', /wait: \{ signal: go \}/]],
  ['steps:\n  - if: ‸!input.a\n    return: 1\n', ['custom-tag', /\$not\(input\.a\)/]],
  [
    'steps:\n  - id: a\n    activity: a.b\n    input: ‸{{ input.y }}\n',
    ['quote-this-expression', /"\$\{ … \}", in quotes/],
  ],
  ['steps:\n  - return: ${ ‸JSON.stringify(input) }\n', ['unknown-name', /\$string\(x\)/]],
  ['steps:\n  - return: ${ ‸Date.now() }\n', ['unknown-name', /\$now\(\)/]],
  [
    'initial: a\nstates:\n  a: { ‸next: b, final: true }\n  b: { final: true }\n',
    ['transition-never-taken', /remove it/],
  ],
  ['steps:\n  - id: t\n    ‸task: approve\n', ['not-supported', /not supported yet/]],
  // Choices as others write them
  [
    'steps:\n  - switch:\n      - ‸condition: input.a = 1\n        ‸next: b\n',
    ['unknown-key', /`when`/],
    ['unknown-key', /do: \[/],
  ],
  [
    'steps:\n  - switch:\n      - ‸if: input.a = 1\n        do: [ { return: 1 } ]\n      - ‸default: [ { return: 2 } ]\n',
    ['unknown-key', /`when`/],
    ['unknown-key', /`else`/],
  ],
  [
    'steps:\n  - switch: ‸${ input.kind }\n    ‸cases: { a: [ { return: 1 } ] }\n',
    ['wrong-value', /when: input\.kind = 'a'/],
    ['unknown-key', /when: input\.kind = 'a'/],
  ],
  ['steps:\n  - if: input.a\n    do: [ { return: 1 } ]\n    ‸elseif: input.b\n', ['unknown-key', /`switch`/]],
  ['steps:\n  - ‸if: { condition: input.a, then: [ { return: 1 } ] }\n', ['no-verb', /beside it do/]],
  [
    'steps:\n  - id: l\n    ‸forEach: { in: input.xs, as: x }\n    do: [ { id: z, activity: a.b, input: "${ x }" } ]\n',
    ['wrong-value', /`as` beside it/],
  ],
  [
    'steps:\n  - id: l\n    forEach: ‸x in input.xs\n    do: [ { id: z, activity: a.b } ]\n',
    ['unknown-name', /forEach: input\.xs, and as: x/],
  ],
  [
    'steps:\n  - id: l\n    ‸forEach: input.xs\n    activity: a.b\n',
    ['several-verbs', /put `activity` there/],
  ],
  [
    'steps:\n  - parallel:\n      ‸branches:\n        - one: { steps: [ { id: a, activity: a.b } ] }\n        - two: { steps: [ { id: b, activity: a.b } ] }\n',
    ['wrong-value', /name the branches/],
  ],
  [
    'steps:\n  - parallel:\n      join: ‸any\n      a: [ { id: x, activity: a.b } ]\n',
    ['wrong-value', /beside `parallel`/],
  ],
  ['steps:\n  - parallel:\n      ‸a: { activity: a.b }\n', ['wrong-value', /a: \[ \{/]],
  // Steps as others write them
  [
    'steps:\n  - ‸name: Charge the card\n    ‸uses: pay\n    ‸with: { amount: 1 }\n',
    ['unknown-key', /`id`/],
    ['unknown-key', /`activity`/],
    ['unknown-key', /`input`/],
  ],
  ['steps:\n  - ‸init:\n      assign: [ { x: 1 } ]\n', ['no-verb', /id: init/]],
  ['steps:\n  - ‸activity x.y\n', ['no-verb', /write activity: x\.y/]],
  ['steps:\n  - id: w\n    ‸waitForSignal: go\n', ['unknown-key', /`wait`/]],
  ['steps:\n  - id: a\n    ‸activity: { name: pay, input: 1 }\n', ['wrong-value', /beside it/]],
  [
    'steps:\n  - id: a\n    activity: pay\n    input:\n    ‸amount: 1\n    currency: EUR\n',
    ['unknown-key', /indent/],
  ],
  ['‸steps:\n  a: { activity: a.b }\n  b: { activity: a.c }\n', ['wrong-value', /its name as `id`/]],
  [
    'steps:\n  - id: a\n    activity: a.b\n    ‸retry_policy: { maximumAttempts: 3 }\n',
    ['unknown-key', /`retry`/],
  ],
  [
    'steps:\n  - id: a\n    activity: a.b\n    ‸options: { heartbeatTimeout: 3s }\n',
    ['unknown-key', /in the step/],
  ],
  ['steps:\n  - id: a\n    activity: a.b\n    retry: ‸true\n', ['wrong-value', /by default/]],
  [
    'steps:\n  - id: a\n    workflow: b\n    ‸parentClosePolicy: cancel\n',
    ['unknown-key', /`onParentClose`/],
  ],
  ['steps:\n  - id: a\n    activity: a.b\n    compensate: ‸a.undo\n', ['wrong-value', /activity: a\.undo/]],
  ['steps:\n  - fail: { ‸code: A }\n', ['unknown-key', /`type`/]],
  ['steps:\n  - emit: ‸order.created\n', ['wrong-value', /emit: \{ type: order\.created \}/]],
  ['steps:\n  - emit: { type: a, ‸source: b }\n', ['unknown-key', /execution itself/]],
  ['steps:\n  - id: w\n    wait: ‸10 seconds\n', ['bad-duration', /10s/]],
  ['steps:\n  - id: w\n    wait: { until: ‸input.when }\n', ['bad-time', /\$\{ input\.when \}/]],
  [
    'signals: { go: {} }\nsteps:\n  - id: w\n    ‸wait: { signal: go, for: 5m }\n',
    ['wrong-value', /`atMost`/],
  ],
  ['steps:\n  - id: w\n    ‸wait: { for: 5m, atMost: 6m }\n', ['wrong-value', /leave `atMost` out/]],
  ['steps:\n  - ‸- activity: a.b\n', ['no-verb', /one of the two `-`/]],
  [
    'steps:\n  - id: l\n    forEach: input.xs\n    concurrency: ‸"5"\n    tolerate: ‸lots\n    do: [ { id: a, activity: a.b, priority: ‸high } ]\n',
    ['wrong-value', /without quotes: 5/],
    ['wrong-value', /a share such as 10%/],
    ['wrong-value', /number/],
  ],
  // Messages and states
  [
    'signals: { go: { ‸type: object, properties: { a: { type: string } } } }\nsteps:\n  - id: w\n    wait: { signal: go }\n',
    ['unknown-key', /under `schema`/],
  ],
  [
    'signals: { go: { ‸input: { type: object } } }\nsteps:\n  - id: w\n    wait: { signal: go }\n',
    ['unknown-key', /`schema`/],
  ],
  [
    'initial: a\nstates:\n  a: { ‸activity: a.b, next: b }\n  b: { final: true }\n',
    ['unknown-key', /do: \[/],
  ],
  [
    'initial: a\nstates:\n  a: { ‸after: { delay: 5s, to: b }, on: { go: b } }\n  b: { final: true }\n',
    ['wrong-value', /after: \{ 5s: b \}/],
  ],
  ['initial: a\nstates:\n  a: { after: { ‸5: b } }\n  b: { final: true }\n', ['bare-number-duration', /5s/]],
  [
    'initial: a\n‸steps: [ { return: 1 } ]\nstates:\n  a: { final: true }\n',
    ['wrong-value', /either `steps`/],
  ],
  // Names are literal, whatever they look like
  ['steps:\n  - id: c\n    workflow: ‸${ input.child }\n', ['wrong-value', /`switch`/]],
  [
    'steps:\n  - signal: { workflowId: "${ input.id }", name: ‸input.sig }\n',
    ['bad-name', /letters, digits/],
  ],
  [
    'steps:\n  - id: c\n    workflow: input.child\n    input: { workflow: ‸workflow.name }\n',
    ['maybe-expression', /write "\$\{ workflow\.name \}"$/],
  ],
  [
    'steps:\n  - id: c\n    try: [ { id: a, activity: b.c, retry: { nonRetryableErrorTypes: [input.lost], on: [ { errors: [input.bad] } ] } } ]\n    catch: [ { errors: [input.bad], do: [ { return: ‸input.bad } ] } ]\n',
    ['maybe-expression', /\$\{ input\.bad \}/],
  ],
  // Expressions
  ['steps:\n  - id: w\n    wait: "‸${ input.n"\n', ['unterminated-expression', /close it/]],
  ['steps:\n  - id: w\n    wait: { until: "‸${ input.n" }\n', ['unterminated-expression', /close it/]],
  ['steps:\n  - id: w\n    wait: ‸"$${ 5s"\n', ['bad-duration', /30s/]],
  [
    'steps:\n  - id: x\n    activity: a.b\n    retry: { maximumInterval: "‸${ input.n" }\n',
    ['unterminated-expression', /close it/],
  ],
  ['steps:\n  - if: input.a ‸is null\n    return: 1\n', ['bad-expression', /= null/]],
  ['steps:\n  - return: ${ input.x ‸if input.y else 3 }\n', ['bad-expression', /\? one : other/]],
  ['steps:\n  - return: ${ ‸$len(input.x) }\n', ['unknown-function', /\$count/]],
  [
    'steps:\n  - try: [ { id: a, activity: a.b } ]\n    catch: [ { as: e, do: [ { return: "${ ‸error.message }" } ] } ]\n',
    ['unknown-name', /`e`/],
  ],
  [
    'vars: { n: 0 }\nsteps:\n  - set: { ‸vars.n: "${ vars.n + 1 }" }\nqueries: { n: "${ vars.n }" }\n',
    ['unknown-variable', /`n`/],
  ],
  [
    'vars: { n: 0 }\nsteps:\n  - set: { n: ‸vars.n + 1 }\nqueries: { n: "${ vars.n }" }\n',
    ['maybe-expression', /\$\{ vars\.n \+ 1 \}/],
  ],
  ['steps:\n  - return: ${ ‸$eval }\n', ['eval-refused', /name what you need/]],
  ['steps:\n  - return: "${ $not(input.‸x }"\n', ['bad-expression', /missing \)/]],
  [
    'steps:\n  - id: l\n    forEach: input.xs\n    as: ‸error\n    do: [ { id: q, activity: a.b, input: "${ $error(error) }" } ]\n',
    ['shadowing-name', /another name/],
  ],
  // The document
  ['input: { $id: ‸12, type: object }\nsteps: [ { return: 1 } ]\n', ['invalid-json-schema', /JSON Schema/]],
  ['initial: a\nstates:\n  a: { description: ‸12, final: true }\n', ['wrong-value', /quote it/]],
  [
    'input: { type: object, properties: { a: { type: string, pattern: ‸"(?=x)" } } }\nsteps: [ { return: 1 } ]\n',
    ['invalid-json-schema', /look-around/],
  ],
  [
    'input: { type: object, properties: { a: { $ref: ‸"#/$defs/money" } } }\nsteps: [ { return: 1 } ]\n',
    ['invalid-json-schema', /define it under `\$defs`/],
  ],
  [
    'input: { type: object, properties: { n: { type: ‸int } } }\nsteps: [ { return: 1 } ]\n',
    ['invalid-json-schema', /type: integer/],
  ],
  [
    'defaults: { ‸retry: { maximumAttempts: 3 } }\nsteps: [ { return: 1 } ]\n',
    ['unknown-key', /activity: \{/],
  ],
  ['labels: { a: ‸1 }\nsteps: [ { return: 1 } ]\n', ['wrong-value', /quote it: '1'/]],
  [
    'dsl: perdure/1\nname: ‸Order Processing\nversion: 1.0.0\nsteps: [ { return: 1 } ]\n',
    ['wrong-value', /: order-processing/],
  ],
  [
    'dsl: perdure/1\nname: a\nversion: ‸v1.2\nsteps: [ { return: 1 } ]\n',
    ['wrong-value', /version: 1\.2\.0/],
  ],
  ['dsl: perdure/1\nname: a\nversion: ‸1.0.0-01\nsteps: [ { return: 1 } ]\n', ['wrong-value', /version/]],
]

describe('one mistake, one problem', () => {
  for (const [bad, ...told] of documents) {
    it(bad.replaceAll('‸', '').replace(/\s+/g, ' '), () => {
      const marked = bad.startsWith('dsl') ? bad : head + bad
      const places: string[] = []
      const parts = marked.split('‸')
      for (let count = 1; count < parts.length; count++) {
        const lines = parts.slice(0, count).join('').split('\n')
        places.push(`${lines.length}:${(lines.at(-1) ?? '').length + 1}`)
      }
      const { problems } = loadDocument(parts.join(''))
      assert.deepEqual(
        problems.map(({ code, line, column }) => `${code} ${line}:${column}`),
        told.map(([code], index) => `${code} ${places[index]}`),
        renderProblems(problems),
      )
      for (const [index, [, fix]] of told.entries()) assert.match(problems[index]?.suggestion ?? '', fix)
    })
  }
})
