/**
 * Names that other languages have in expressions, and names of ours where they are not in scope: what to write instead. Owns
 * the lists alone; `checks/scope.ts` finds the names.
 */

/** Where the names that only some places have can be read. */
export const elsewhere: { readonly [name: string]: string } = {
  signal: '`signal` is in scope in the `do` of a signal and in `where`',
  update: '`update` is in scope in updates',
  query: '`query` is in scope in a query with `schema` and `return`',
  item: '`item` is in scope in the `do` of a `forEach` that has no `as`',
  index: '`index` is in scope in the `do` of a `forEach`',
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
  JSON: 'a value as JSON text is $string(x)',
  Math: 'write $round(x), $floor(x), $ceil(x), $abs(x), $max(list), $min(list)',
  Date: 'the time is $now(), or $millis()',
  Object: 'write $keys(x), $merge(list), $each(x, f)',
  Array: 'write [x], $append(x, y), $count(x)',
  Number: 'write $number(x)',
  String: 'write $string(x)',
  Boolean: 'write $boolean(x)',
  state: 'the state of a state machine is `workflow.state`, what a run keeps is `vars`',
  data: 'did you mean `input`?',
  params: 'did you mean `input`?',
  args: 'did you mean `input`?',
}

const counted = 'write $count(x) for a list, $length(x) for a text'
const defaulted = 'a default is written x ?? y'

/** Functions that other languages have. */
export const foreignFunctions: { readonly [name: string]: string } = {
  len: counted,
  size: counted,
  strlen: 'write $length(x)',
  str: 'write $string(x)',
  toString: 'write $string(x)',
  int: 'write $number(x)',
  float: 'write $number(x)',
  json: 'a value as JSON text is $string(x)',
  stringify: 'a value as JSON text is $string(x)',
  toJson: 'a value as JSON text is $string(x)',
  toJSON: 'a value as JSON text is $string(x)',
  default: defaulted,
  coalesce: defaulted,
  ifNull: defaulted,
  isNull: 'write x = null, or $not($exists(x))',
  isEmpty: 'write $count(x) = 0',
  if: 'write x ? y : z',
  concat: 'texts are joined with &, lists with $append(x, y)',
  format: 'texts are joined with &; numbers have $formatNumber(x, picture)',
  date: 'write $now(), $fromMillis(n), $toMillis(x)',
  today: 'write $now()',
  time: 'write $now(), or $millis()',
  env: environment,
  regex: 'a regular expression is written /…/, as in $match(x, /a+/)',
  first: 'write x[0]',
  last: 'write x[-1]',
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
