/** Every verb and every kind of waiting, each with a crash around every turn: the same outcome and the same history. */
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { runScenarioFiles, type ScenarioOptions, type StoreChoice } from '../../testing/index.ts'
import { assertPassed, type Kit, openKit } from './kit.ts'

const sources = join(import.meta.dirname, '../histories/sources')
const recordedSources = readdirSync(sources)
  .filter((name) => name.endsWith('.test.yaml'))
  .map((name) => join(sources, name))

/** Verbs that need more than one document, or more than a line: those whose histories are recorded. */
export function describeRecordedCrashes(store: () => Promise<StoreChoice>): void {
  for (const file of recordedSources)
    it(`${basename(file, '.test.yaml')}, as recorded`, async () =>
      assertPassed(await runScenarioFiles([file], { crashEverywhere: true, store: await store() })))
}

export function describeCrashes(store: () => Promise<StoreChoice>): void {
  let kit: Kit
  let choice: StoreChoice = 'memory'
  before(async () => {
    kit = await openKit()
    choice = await store()
  })
  after(() => kit.close())

  const same = (name: string, document: string, scenario: string, options: ScenarioOptions = {}) =>
    it(name, async () =>
      assertPassed(
        await kit.run(document, `  - name: a\n    ${scenario}\n`, {
          crashEverywhere: true,
          store: choice,
          ...options,
        }),
      ),
    )

  const fan = (more: string) => `
steps:
  - id: all
    forEach: "[1..4]"
    as: n
    ${more}
    do: [{ id: work, activity: a.b, input: "\${ n }" }]
  - return: \${ steps.all }
`
  same(
    'results of one instant keep their order',
    fan('concurrency: 4'),
    'activities: { work: { returns: "${ input * 10 }" } }\n    expect: { result: [10, 20, 30, 40], calls: [work, work, work, work] }',
  )
  same(
    'two at a time',
    fan('concurrency: 2'),
    'activities: { work: [{ returns: 1, takes: 3s }, { returns: 2, takes: 1s }, { returns: 3, takes: 2s }, { returns: 4, takes: 1s }] }\n    expect: { result: [1, 2, 3, 4], duration: 4s }',
  )
  same(
    'the first failure cancels the rest',
    fan('concurrency: 4'),
    'activities: { work: [{ returns: 1, takes: 3s }, { throws: { type: Down, retryable: false }, takes: 1s }] }\n    expect: { status: failed, error: { type: Down } }',
  )

  const branches = (cancellation: string) => `
steps:
  - id: both
    parallel:
      quick: [{ id: quick, activity: a.quick, retry: false }]
      slow: [{ id: slow, activity: a.slow, cancellation: ${cancellation}, startToCloseTimeout: 1h, compensate: { activity: a.undo } }]
`
  for (const cancellation of ['try', 'wait', 'abandon'])
    same(
      `a failed branch, under cancellation: ${cancellation}`,
      branches(cancellation),
      'activities: { quick: { throws: { type: Down }, takes: 1s }, slow: { returns: 1, takes: 30m }, a.undo: { returns: null } }\n    expect: { status: failed, error: { type: Down }, calls: [quick, slow] }',
    )

  same(
    'signals with `do`, in their order',
    `
vars: { seen: "\${ [] }" }
signals: { add: { schema: { type: object }, do: [{ id: work, activity: a.b, input: "\${ signal.n }" }, { set: { seen: "\${ $append(vars.seen, [steps.work]) }" } }] } }
steps: [{ id: all, wait: { condition: "$count(vars.seen) = 3" } }, { return: "\${ vars.seen }" }]
`,
    'activities: { work: [{ returns: 1, takes: 5s }, { returns: 2, takes: 1s }, { returns: 3 }] }\n    at: [{ after: 1s, signal: add, input: { n: 1 } }, { after: 1s, signal: add, input: { n: 2 } }, { after: 2s, signal: add, input: { n: 3 } }]\n    expect: { result: [2, 3, 1], duration: 6s }',
  )

  same(
    'waits that give up',
    `
signals: { go: { schema: { type: object } } }
steps:
  - { id: one, wait: { signal: go, atMost: 1h } }
  - { id: two, wait: { signal: go, where: signal.n > 1, atMost: 1h } }
  - { id: three, wait: { condition: "false", atMost: 10s } }
  - { id: until, wait: { until: "2026-01-02T00:00:00Z" } }
  - return: { one: "\${ steps.one }", two: "\${ steps.two.n }", three: "\${ steps.three }" }
`,
    'at: [{ after: 90m, signal: go, input: { n: 1 } }, { after: 91m, signal: go, input: { n: 2 } }]\n    expect: { result: { one: null, two: 2, three: false }, duration: 24h }',
  )

  same(
    'deadlines, handlers and cleaning up',
    `
steps:
  - id: guarded
    try:
      - id: group
        timeout: 10s
        do: [{ id: work, activity: a.slow, startToCloseTimeout: 1h }, { id: rest, wait: 1m }]
    catch: [{ errors: [Timeout], do: [{ id: mend, activity: a.mend }] }]
    finally: [{ id: tidy, activity: a.tidy }]
  - return: \${ steps.guarded }
`,
    'activities: { work: { returns: 1, takes: 1m }, mend: { returns: mended, takes: 1s }, tidy: { returns: null } }\n    expect: { result: mended, calls: [work, mend, tidy], duration: 11s }',
  )

  same(
    'a cancellation is undone',
    `
steps:
  - { id: one, activity: a.one, compensate: { activity: a.undo, retry: { maximumAttempts: 3 } } }
  - { id: two, activity: a.two, startToCloseTimeout: 1h, compensate: [{ activity: a.undo }, { id: told, activity: a.tell }] }
  - { id: rest, wait: 1d }
`,
    'activities: { one: { returns: 1 }, two: { returns: 2, takes: 10s }, a.undo: [{ throws: { type: Down } }, { returns: 1 }], told: { returns: 1 } }\n    at: [{ after: 1h, cancel: enough }]\n    expect: { status: canceled, compensations: [two, one], duration: 1h1s }',
  )

  same(
    'a run that passes its own deadline',
    `
timeout: 1h
steps: [{ id: one, activity: a.one, compensate: { activity: a.undo } }, { id: rest, wait: 1d }]
`,
    'activities: { one: { returns: 1 }, a.undo: { returns: 1, takes: 5s } }\n    expect: { status: timedOut, error: { type: Timeout, details: { kind: Execution } }, compensations: [one], duration: 1h5s }',
  )

  same(
    'terminate',
    'steps: [{ id: one, activity: a.one, startToCloseTimeout: 1h }]\n',
    'activities: { one: { takes: 30m, returns: 1 } }\n    at: [{ after: 1m, terminate: enough }]\n    expect: { status: terminated, duration: 1m }',
  )

  same(
    'turns that are cut',
    `
vars: { n: 0 }
steps:
  - { id: loop, while: "vars.n < 40", do: [{ set: { n: "\${ vars.n + 1 }" } }] }
  - { id: work, activity: a.b, input: "\${ vars.n }" }
`,
    'activities: { work: { returns: 1 } }\n    expect: { status: completed, inputs: { work: 40 }, history: [WorkflowExecutionStarted, …, WorkflowTaskContinued, …, WorkflowExecutionCompleted] }',
    { limits: { turnSteps: 7 } },
  )

  same(
    'retries, timeouts and a queue without workers',
    `
steps:
  - { id: one, activity: a.one, startToCloseTimeout: 5s, retry: { maximumAttempts: 3, initialInterval: 2s } }
  - { id: two, activity: a.two, scheduleToCloseTimeout: 1m, retry: { maximumAttempts: 0, maximumInterval: 10s } }
`,
    'activities: { one: [{ takes: forever }, { throws: { type: Down, retryAfter: 7s } }, { returns: 1 }], two: { throws: { type: Down }, takes: 5s } }\n    expect: { status: failed, error: { type: Timeout, details: { kind: ScheduleToClose }, cause: { type: Down } } }',
  )
  same(
    'a queue without workers',
    'steps: [{ try: [{ id: one, activity: a.one, scheduleToStartTimeout: 5m }], catch: [{ do: [{ id: two, activity: a.two }] }] }]\n',
    'activities: { one: { takes: never starts }, two: { returns: 1 } }\n    expect: { status: completed, calls: [two], duration: 5m }',
  )

  same(
    'random numbers, seeded by the run',
    `
vars: { id: "" }
steps: [{ set: { id: "\${ $uuid() }" } }, { id: one, activity: a.one, input: "\${ vars.id }", retry: { jitter: 0.5 } }, { id: rest, wait: 1h }]
`,
    'activities: { one: [{ throws: { type: Down } }, { returns: 1 }] }\n    expect: { status: completed, calls: [one, one] }',
  )
}
