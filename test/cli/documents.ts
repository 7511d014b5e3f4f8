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

/** Two steps and a pause between them long enough to be killed in. */
export const durable = `dsl: perdure/1
name: durable
version: 1.0.0
steps:
  - id: first
    activity: files.append
    input: { line: first }
  - id: pause
    wait: 1500ms
  - id: second
    activity: files.append
    input: { line: second }
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
import { appendFileSync } from 'node:fs'
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
  run: async (input: { line: string }) => {
    appendFileSync('lines.txt', input.line + '\\n')
    return input.line
  },
}
`
