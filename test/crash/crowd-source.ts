/** What `crowd.ts` runs and `crowd.full.ts` folds again: about two seconds of steps, one timer, one branch. */
export const crowdSource = `dsl: perdure/1
name: crowd
version: 1.0.0
steps:
  - { id: a, activity: work, input: { value: "\${ input.n }" } }
  - { id: b, activity: work, input: { value: "\${ steps.a + 1 }" } }
  - { id: pause, wait: 200ms }
  - parallel:
      left: [ { id: c, activity: work, input: { value: "\${ steps.b + 1 }" } } ]
      right: [ { id: d, activity: work, input: { value: "\${ steps.b + 2 }" } } ]
  - { id: e, activity: work, input: { value: "\${ steps.c + steps.d }" } }
  - return: \${ steps.e }
`
