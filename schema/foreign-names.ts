/**
 * Names that other languages have in expressions, and names of ours where they are not in scope: what to write instead. Owns
 * the lists alone; `scope-check.ts` finds the names.
 */

/** Where the names that only some places have can be read. */
export const elsewhere: { readonly [name: string]: string } = {
  signal: '`signal` is in scope in the `do` of a signal and in `where`',
  update: '`update` is in scope in updates',
  query: '`query` is in scope in a query with `schema` and `return`',
  error: '`error` is in scope in `catch` and `finally`',
  steps: '`steps` is not in scope here: no step has run yet',
  vars: '`vars` is not in scope here: variables are being made',
}

const environment = 'a run reads nothing around it, so that it can be replayed: hand it in as `input`'

/** Names that expressions of other languages have. */
export const foreignNames: { readonly [name: string]: string } = {
  not: 'there is no operator `not`; write $not(…)',
  None: 'nothing is written null; ask with $exists(…)',
  nil: 'nothing is written null; ask with $exists(…)',
  undefined: 'nothing is written null; ask with $exists(…)',
  True: 'write true',
  False: 'write false',
  TRUE: 'write true',
  FALSE: 'write false',
  len: 'write $count(…) for a list, $length(…) for a text',
  size: 'write $count(…) for a list, $length(…) for a text',
  str: 'write $string(…)',
  int: 'write $number(…)',
  env: environment,
  secrets: 'secrets belong to the code of activities: what a run holds is stored and shown',
  github: environment,
  process: environment,
  context: '`workflow` has id, runId, name, version and more; what a run is given is `input`',
  ctx: '`workflow` has id, runId, name, version and more; what a run is given is `input`',
  execution: 'the run is `workflow`: workflow.id, workflow.runId',
  variables: 'did you mean `vars`?',
  outputs: 'the result of a step is steps.<id>',
  jobs: 'the result of a step is steps.<id>',
  result: 'the result of a step is steps.<id>',
  data: 'did you mean `input`?',
  params: 'did you mean `input`?',
  args: 'did you mean `input`?',
}

/** What methods of other languages are called here. */
export const foreignMethods: { readonly [name: string]: string } = {
  toUpperCase: '$uppercase(x)',
  toLowerCase: '$lowercase(x)',
  toString: '$string(x)',
  includes: '$contains(x, text), or `value in list`',
  indexOf: '$contains(x, text), or `value in list`',
  startsWith: '$match(x, /^…/), or $substring(x, 0, n) = text',
  slice: '$substring(x, start, length), or x[[0..n]]',
  forEach: 'x.(…), or the verb `forEach`',
  concat: '$append(x, y), or x & y for texts',
  push: '$append(x, y)',
  size: '$count(x)',
  keys: '$keys(x)',
}
