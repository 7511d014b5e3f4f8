/** Documents and activities that the tests of the command line run. */

export const greeting = `dsl: perdure/1
name: greeting
version: 1.0.0
input:
  type: object
  required: [name]
  properties: { name: { type: string, minLength: 1 } }
steps:
  - id: greet
    activity: greetings.greet
    input: { name: "\${ input.name }" }
  - return: \${ steps.greet }
`

/** Fails until its third attempt; the pauses between are short. */
export const stubborn = `dsl: perdure/1
name: stubborn
version: 1.0.0
steps:
  - id: knock
    activity: doors.knock
    retry: { initialInterval: 20ms, maximumAttempts: 3 }
  - return: { opened: "\${ steps.knock }" }
`

export const failing = `dsl: perdure/1
name: failing
version: 1.0.0
steps:
  - fail: { type: Broken, message: "it broke" }
`

/** Waits thirty days, then answers. */
export const patient = `dsl: perdure/1
name: patient
version: 1.0.0
steps:
  - id: month
    wait: 30d
  - return: waited
`

export const approval = `dsl: perdure/1
name: approval
version: 1.0.0
vars: { stage: asked }
signals:
  answer:
    schema: { type: object, required: [approved], properties: { approved: { type: boolean } } }
queries:
  stage: \${ vars.stage }
steps:
  - id: decision
    wait: { signal: answer }
  - set: { stage: decided }
  - return: { approved: "\${ steps.decision.approved }" }
`

/** Two steps and a pause between them; the second ends when the file `go` is there, so that it can be killed before. */
export const durable = `dsl: perdure/1
name: durable
version: 1.0.0
steps:
  - id: first
    activity: files.append
    input: { line: first }
  - id: pause
    wait: 300ms
  - id: second
    activity: files.append
    input: { line: second, after: go }
  - return: [ "\${ steps.first }", "\${ steps.second }" ]
`

export const broken = `dsl: perdure/1
name: broken
version: 1.0.0
steps:
  - id: one
    activity: a.b
    inputs: {}
  - return: \${ steps.onne }
`

/** Writes beside itself, so that a test sees what really ran. */
export const activities = `
import { appendFileSync, existsSync } from 'node:fs'
let knocks = 0
export const greet = { name: 'greetings.greet', run: async (input: { name: string }) => 'Hello, ' + input.name + '!' }
export const knock = {
  name: 'doors.knock',
  run: async () => {
    knocks++
    if (knocks < 3) throw Object.assign(new Error('nobody is there'), { type: 'Closed' })
    return knocks
  },
}
export const append = {
  name: 'files.append',
  run: async (input: { line: string; after?: string }) => {
    while (input.after !== undefined && !existsSync(input.after))
      await new Promise((resolve) => setTimeout(resolve, 20))
    appendFileSync('lines.txt', input.line + '\\n')
    return input.line
  },
}
`

/** Takes updates, can be paused, is undone with a pause. */
export const basket = `dsl: perdure/1
name: basket
version: 1.0.0
vars: { items: 0 }
signals: { checkout: {} }
queries:
  items: \${ vars.items }
  missing:
    schema: { type: object, required: [of], properties: { of: { type: integer } } }
    return: \${ query.of - vars.items }
updates:
  add:
    schema: { type: integer }
    validate: update > 0
    do:
      - if: update > 100
        fail: { type: TooMany, message: "not so many" }
      - set: { items: "\${ vars.items + update }" }
    return: \${ vars.items }
steps:
  - id: checkout
    wait: { signal: checkout }
  - return: \${ vars.items }
`

export const parent = `dsl: perdure/1
name: parent
version: 1.0.0
steps:
  - id: kid
    workflow: basket
    workflowId: \${ workflow.id & '-kid' }
  - return: \${ steps.kid }
`

export const draft = `dsl: perdure/1
name: draft
version: 1.0.0
signals: { submit: {}, approve: {} }
initial: draft
states:
  draft: { on: { submit: review } }
  review: { on: { approve: published }, after: { 7d: draft } }
  published: { final: true, return: { status: published } }
`

export const emitting = `dsl: perdure/1
name: emitting
version: 1.0.0
steps:
  - emit: { type: order.shipped, subject: o-1, data: { parcels: 2 } }
  - emit: { type: other, data: 1 }
`

/** Continues as new until it has counted to three. */
export const counting = `dsl: perdure/1
name: counting
version: 1.0.0
input: { type: object, required: [n], properties: { n: { type: integer } } }
steps:
  - id: day
    wait: 1d
  - if: input.n < 3
    continueAsNew: { input: { n: "\${ input.n + 1 }" } }
  - return: \${ input.n }
`

/** Starts two at once, one that fails and is tried again, and one that it lets go of. */
export const family = `dsl: perdure/1
name: family
version: 1.0.0
steps:
  - id: kids
    forEach: "['a', 'b']"
    as: name
    concurrency: 2
    do:
      - id: kid
        workflow: greeting
        version: ^1.0
        input: { name: "\${ name }" }
  - id: aside
    workflow: patient
    detached: true
  - id: attempt
    try:
      - id: bad
        workflow: failing
        retry: { initialInterval: 10m, maximumInterval: 10m, maximumAttempts: 2 }
    catch:
      - errors: [ChildWorkflowFailed]
        do:
          - emit: { type: family.sad, subject: bad, data: { why: "\${ error.cause.message }" } }
  - return: \${ steps.kids }
`
