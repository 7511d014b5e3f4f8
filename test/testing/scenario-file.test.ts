import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { parseScenarioFile } from '../../testing/scenario-file.ts'

const schema: object = JSON.parse(
  readFileSync(new URL('../../testing/scenario.schema.json', import.meta.url), 'utf8'),
)
const bySchema = new Ajv2020({ allowUnionTypes: true }).compile(schema)

const head = 'workflow: ./1.0.0.yaml\nscenarios:\n'

/** One scenario whose lines these are, below its name. */
function scenario(...lines: string[]): string {
  return `${head}  - name: one\n${lines.map((line) => `    ${line}\n`).join('')}`
}

function problemsOf(text: string) {
  const parsed = parseScenarioFile(text, '/scenarios/a.test.yaml')
  return parsed.kind === 'valid' ? [] : parsed.problems
}

function valid(text: string) {
  const parsed = parseScenarioFile(text, '/scenarios/a.test.yaml')
  if (parsed.kind === 'invalid') assert.fail(JSON.stringify(parsed.problems, null, 2))
  assert.equal(bySchema(parse(text)), true, `the JSON Schema refuses it: ${JSON.stringify(bySchema.errors)}`)
  return parsed.scenarios
}

/** The keys of every map in the schema, with what an editor shows of each. */
function keysOf(part: unknown, pointer = ''): readonly (readonly [pointer: string, schema: unknown])[] {
  if (typeof part !== 'object' || part === null) return []
  return Object.entries(part).flatMap(([key, inner]) => {
    // What a condition says of a key is no key of its own.
    if (['if', 'then', 'not', 'allOf'].includes(key)) return []
    const own =
      key === 'properties'
        ? Object.entries(inner).map(([name, schema]) => [`${pointer}/${key}/${name}`, schema] as const)
        : []
    return [...own, ...keysOf(inner, `${pointer}/${key}`)]
  })
}

describe('scenario.schema.json', () => {
  const keys = keysOf(schema)

  it('describes every key to an editor', () => {
    assert.ok(keys.length > 50, `${keys.length} keys`)
    for (const [pointer, key] of keys) {
      // An editor does not offer a key whose schema is a bare `true`.
      assert.ok(
        typeof key === 'object' && key !== null && 'description' in key,
        `${pointer} has no description`,
      )
      assert.match(String(key.description), /^[A-Z`0-9].{4,}[.)]$/s, pointer)
    }
  })

  it('names each kind of entry of `at`', () => {
    const titles = Object.values(Object(schema).$defs.at.oneOf).map((entry) => Object(entry).title)
    assert.equal(titles.length, 9)
    assert.equal(new Set(titles.filter((title) => typeof title === 'string')).size, 9)
  })
})

describe('scenario files', () => {
  it('reads every key of a scenario', () => {
    const file = valid(
      [
        'workflow: ./2.1.0.yaml',
        'also: [ ./child.yaml ]',
        'scenarios:',
        '  - name: approved',
        '    description: words',
        '    input: { a: [1] }',
        '    activities:',
        '      charge:',
        '        - { throws: { type: Down, message: m, retryable: false, retryAfter: 10s, details: { code: 1 } } }',
        '        - { returns: { id: 1 }, takes: 2s, heartbeats: 1s }',
        '      ship: { takes: forever }',
        '      pack: { takes: never starts }',
        '    at:',
        '      - { after: 1h, signal: approval, input: { approved: true }, error: { type: SignalInvalid } }',
        '      - { after: 30m, query: status, input: 1, expect: { progress: 1 } }',
        '      - { after: 30m, query: status, error: { type: QueryNotDeclared } }',
        '      - { after: 2h, cancel: changed my mind }',
        '      - { after: 2h, terminate: enough }',
        '      - { after: 2h, crash: true }',
        '    expect:',
        '      status: completed',
        '      result: { ok: true }',
        '      calls: [charge]',
        '      inputs: { charge: { amount: 1 } }',
        '      compensations: []',
        '      vars: { a: null }',
        '      duration: 1h5m',
        '      history: [WorkflowExecutionStarted, …, WorkflowExecutionCompleted]',
      ].join('\n'),
    )
    assert.equal(file.workflow, '/scenarios/2.1.0.yaml')
    assert.deepEqual(file.also, ['/scenarios/child.yaml'])
    const [one] = file.scenarios
    assert.ok(one)
    assert.deepEqual(one.input, { a: [1] })
    assert.deepEqual(
      one.script
        .get('charge')
        ?.map(({ outcome, takes, heartbeatIntervalMs }) => ({ outcome, takes, heartbeatIntervalMs })),
      [
        {
          outcome: {
            kind: 'throws',
            error: {
              type: 'Down',
              message: 'm',
              retryable: false,
              retryAfterMs: 10_000,
              details: { code: 1 },
            },
          },
          takes: 0,
          heartbeatIntervalMs: undefined,
        },
        { outcome: { kind: 'returns', value: { id: 1 } }, takes: 2_000, heartbeatIntervalMs: 1_000 },
      ],
    )
    assert.equal(one.script.get('ship')?.[0]?.takes, 'forever')
    assert.equal(one.script.get('pack')?.[0]?.takes, 'never starts')
    // In order of time; those of one instant in the order of the file.
    assert.deepEqual(
      one.at.map((entry) => [entry.afterMs, entry.kind]),
      [
        [1_800_000, 'query'],
        [1_800_000, 'query'],
        [3_600_000, 'signal'],
        [7_200_000, 'cancel'],
        [7_200_000, 'terminate'],
        [7_200_000, 'crash'],
      ],
    )
    assert.equal(one.expect.durationMs, 3_900_000)
    assert.deepEqual(one.expect.compensations, [])
    assert.deepEqual(one.notSupported, [])
  })

  it('knows where a value stands, also behind an alias', () => {
    const file = valid(
      [
        'workflow: ./1.0.0.yaml',
        'scenarios:',
        '  - name: one',
        '    input: &order',
        '      id: o-1',
        '    expect: { status: completed }',
        '  - name: two',
        '    input: *order',
        '    expect: { status: completed, result: { ok: true } }',
      ].join('\n'),
    )
    assert.deepEqual(file.scenarios[1]?.input, { id: 'o-1' })
    assert.deepEqual(file.locate(['scenarios', 1, 'input', 'id']), { line: 5, column: 11 })
    assert.deepEqual(file.locate(['scenarios', 1, 'expect', 'result', 'ok']), { line: 9, column: 48 })
    assert.equal(file.locate(['scenarios', 1, 'expect', 'result', 'missing']).line, 9)
  })

  it('reads updates, pauses and the status of a run that continued', () => {
    const file = valid(
      scenario(
        'at:',
        '  - { after: 1s, update: change, input: 1, id: u, expect: 2 }',
        '  - { after: 2s, update: change, error: { type: UpdateRejected } }',
        '  - { after: 3s, update: change }',
        '  - { after: 4s, pause: true }',
        '  - { after: 5s, resume: true }',
        '  - { after: 6s, resume: skip }',
        '  - { after: 7s, query: state, input: { n: 1 } }',
        '  - { after: 8s, query: state }',
        'expect: { status: continuedAsNew }',
      ),
    )
    const [one] = file.scenarios
    assert.ok(one)
    assert.deepEqual(one.notSupported, [])
    assert.equal(one.expect.status, 'continuedAsNew')
    assert.deepEqual(
      one.at.map(({ path: _, ...entry }) => entry),
      [
        {
          afterMs: 1_000,
          kind: 'update',
          name: 'change',
          input: 1,
          updateId: 'u',
          answer: { kind: 'value', value: 2 },
        },
        {
          afterMs: 2_000,
          kind: 'update',
          name: 'change',
          input: null,
          answer: { kind: 'error', error: { type: 'UpdateRejected' } },
        },
        { afterMs: 3_000, kind: 'update', name: 'change', input: null, answer: { kind: 'any' } },
        { afterMs: 4_000, kind: 'pause' },
        { afterMs: 5_000, kind: 'resume', skip: false },
        { afterMs: 6_000, kind: 'resume', skip: true },
        { afterMs: 7_000, kind: 'query', name: 'state', input: { n: 1 }, answer: { kind: 'any' } },
        { afterMs: 8_000, kind: 'query', name: 'state', answer: { kind: 'any' } },
      ],
    )
  })

  it('reads the keys of later releases, and says that they are not supported yet', () => {
    const file = valid(scenario('at:', '  - { after: 1s, migrate: 3.0.0 }', 'expect: { status: completed }'))
    assert.deepEqual(
      file.scenarios[0]?.notSupported.map(({ what }) => what),
      ['"migrate" in "at"'],
    )
  })

  it('takes a scenario whose `at` alone expects something', () => {
    const file = valid(scenario('at: [ { after: 1s, query: state, expect: 1 } ]'))
    assert.deepEqual(file.scenarios[0]?.expect, { path: ['scenarios', 0] })
  })

  const expectation = 'expect: { status: completed }'
  const refused: readonly (readonly [name: string, text: string, message: RegExp, suggestion?: RegExp])[] = [
    [
      'an unknown key of the file',
      `workflows: ./a.yaml\n${scenario(expectation)}`,
      /unknown key "workflows" in a scenario file/,
      /did you mean "workflow"\?/,
    ],
    ['no workflow', 'scenarios: [{ name: a, expect: {} }]', /names no workflow/],
    ['no scenarios', 'workflow: ./a.yaml', /has no scenarios/],
    ['an empty list of scenarios', 'workflow: ./a.yaml\nscenarios: []', /has no scenarios/],
    ['a scenario without a name', `${head}  - ${expectation}`, /has no name/],
    [
      'two scenarios of one name',
      `${head}  - { name: a, expect: {} }\n  - { name: a, expect: {} }`,
      /two scenarios are named "a"/,
    ],
    ['a scenario that expects nothing', scenario('input: 1'), /expects nothing/],
    [
      'an unknown key of a scenario',
      scenario('inputs: {}', expectation),
      /unknown key "inputs"/,
      /did you mean "input"\?/,
    ],
    [
      'an unknown key of expect',
      scenario('expect: { statsu: completed }'),
      /unknown key "statsu" in "expect"/,
      /"status"/,
    ],
    [
      'an unknown status',
      scenario('expect: { status: cancelled }'),
      /one of completed, failed.*not "cancelled"/,
      /"canceled"/,
    ],
    [
      'an error of a completed run',
      scenario('expect: { status: completed, error: { type: A } }'),
      /"completed" has no error/,
    ],
    ['a result of a failed run', scenario('expect: { status: failed, result: 1 }'), /"failed" has no result/],
    ['a script that says nothing', scenario('activities: { a: {} }', expectation), /says nothing/],
    ['an empty script', scenario('activities: { a: [] }', expectation), /is empty/],
    [
      'a call that returns and throws',
      scenario('activities: { a: { returns: 1, throws: { type: A } } }', expectation),
      /either returns or throws/,
    ],
    [
      'a call that never ends and returns',
      scenario('activities: { a: { returns: 1, takes: forever } }', expectation),
      /has no outcome/,
    ],
    [
      'an error without a type',
      scenario('activities: { a: { throws: { message: m } } }', expectation),
      /no "type"/,
    ],
    [
      'an unknown key of a call',
      scenario('activities: { a: { return: 1 } }', expectation),
      /unknown key "return"/,
      /"returns"/,
    ],
    [
      'a bare number for a duration',
      scenario('activities: { a: { takes: 5 } }', expectation),
      /must be a duration.*not a number/,
      /5s/,
    ],
    [
      'a text that is no duration',
      scenario('at: [{ after: soon, crash: true }]', expectation),
      /must be a duration.*not "soon"/,
    ],
    [
      'an entry of at without a time',
      scenario('at: [{ crash: true }]', expectation),
      /"after" must be a duration, not missing/,
    ],
    ['an entry of at that does nothing', scenario('at: [{ after: 1s }]', expectation), /does nothing/],
    [
      'an entry of at that does two things',
      scenario('at: [{ after: 1s, crash: true, cancel: x }]', expectation),
      /one thing, not "cancel" and "crash"/,
    ],
    [
      'a key that means nothing there',
      scenario('at: [{ after: 1s, signal: a, expect: 1 }]', expectation),
      /"expect" has no meaning beside "signal"/,
    ],
    [
      'a query that answers and fails',
      scenario('at: [{ after: 1s, query: a, expect: 1, error: {} }]', expectation),
      /either answers or fails/,
    ],
    [
      'an update that answers and fails',
      scenario('at: [{ after: 1s, update: a, expect: 1, error: {} }]', expectation),
      /an update either answers or fails/,
    ],
    [
      'a pause that is not true',
      scenario('at: [{ after: 1s, pause: false }]', expectation),
      /"pause" must be true/,
    ],
    [
      'a resume that is neither true nor skip',
      scenario('at: [{ after: 1s, resume: later }]', expectation),
      /"resume" must be true/,
      /skip/,
    ],
    [
      'an unknown action',
      scenario('at: [{ after: 1s, singal: a }]', expectation),
      /unknown key "singal"/,
      /"signal"/,
    ],
    [
      'crash that is not true',
      scenario('at: [{ after: 1s, crash: 3 }]', expectation),
      /"crash" must be true/,
    ],
    ['a list where a map belongs', `${head}  - [1]`, /a scenario must be a map, not a list/],
  ]
  for (const [name, text, message, suggestion] of refused) {
    it(`refuses ${name}, with its position`, () => {
      const problems = problemsOf(text)
      const [problem] = problems.filter((candidate) => message.test(candidate.message))
      assert.ok(problem, `no such problem in ${JSON.stringify(problems, null, 2)}`)
      assert.ok(problem.line >= 1 && problem.column >= 1)
      assert.match(problem.excerpt, /\^$/)
      if (suggestion !== undefined) assert.match(problem.suggestion ?? '', suggestion)
      if (name !== 'two scenarios of one name')
        assert.equal(bySchema(parse(text)), false, 'the JSON Schema accepts it')
    })
  }

  it('points at the key that is wrong', () => {
    const [problem] = problemsOf(scenario('expect:', '  status: completed', '  reslut: 1'))
    assert.equal(problem?.line, 6)
    assert.equal(problem?.column, 7)
    assert.equal(problem?.excerpt, '      reslut: 1\n      ^')
  })

  it('refuses broken YAML, duplicate keys, alias bombs and what is no JSON, in one clear problem each', () => {
    for (const [text, message] of [
      ['workflow: [', /flow/i],
      ['workflow: a\nworkflow: b', /unique/i],
      [
        'a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]',
        /alias/i,
      ],
      [scenario('input: .nan', expectation), /NaN is not a JSON number/],
      ['', /must be a map, not null/],
    ] as const)
      assert.match(problemsOf(text)[0]?.message ?? '', message)
  })
})
