/** What `family.ts` runs: a parent, children that continue as new, an update, events to a sink. */
export const familySource = `dsl: perdure/1
name: family
version: 1.0.0
input: { type: object, properties: { n: { type: integer } } }
vars: { noted: null }
updates:
  note:
    schema: { type: integer }
    validate: $not($exists(vars.noted) and vars.noted != null)
    do:
      - { id: noting, activity: work, input: { value: "\${ update }" } }
      - set: { noted: "\${ steps.noting }" }
    return: { noted: "\${ vars.noted }" }
steps:
  - { id: own, activity: work, input: { value: "\${ input.n }" } }
  - id: children
    forEach: "[1..3]"
    as: k
    concurrency: 2
    do: [ { id: child, workflow: cycles, workflowId: "\${ workflow.id & '/' & $string(k) }", input: { value: "\${ k * 10 }" } } ]
  - emit: { type: family.done, subject: "\${ workflow.id }", data: { children: "\${ steps.children }" } }
  - { id: noted, wait: { condition: vars.noted != null } }
  - return: { own: "\${ steps.own }", children: "\${ steps.children }", noted: "\${ vars.noted }" }
`

export const cyclesSource = `dsl: perdure/1
name: cycles
version: 1.0.0
input: { type: object, properties: { value: { type: integer }, round: { type: integer, default: 1 } } }
steps:
  - { id: turn, activity: work, input: { value: "\${ input.value }" } }
  - emit: { type: cycles.turned, subject: "\${ workflow.id }", data: { round: "\${ input.round }" } }
  - if: input.round < 2
    continueAsNew: { input: { value: "\${ steps.turn + 1 }", round: 2 } }
  - return: \${ steps.turn }
`

/** Of the family number `n`, whose update was sent with `n`. */
export const familyResult = (n: number) => ({ own: n, children: [11, 21, 31], noted: n })
/** One for each of two rounds of three children, and the parent's. */
export const eventsOfFamily = 7
