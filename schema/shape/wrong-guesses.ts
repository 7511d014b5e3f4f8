/**
 * The keys that people bring from GitHub Actions, Step Functions, Google Workflows, Argo, Temporal and XState, and what they
 * are called here. Owns the lists; used where a key is unknown. What has no counterpart is `key-advice.ts`'s.
 */
const guesses: { readonly [key: string]: string } = {
  action: 'activity',
  call: 'activity',
  function: 'activity',
  invoke: 'activity',
  resource: 'activity',
  run: 'activity',
  uses: 'activity',
  args: 'input',
  arguments: 'input',
  params: 'input',
  parameters: 'input',
  payload: 'input',
  with: 'input',
  child: 'workflow',
  childworkflow: 'workflow',
  subworkflow: 'workflow',
  choice: 'switch',
  choices: 'switch',
  cases: 'switch',
  assign: 'set',
  let: 'set',
  variables: 'vars',
  env: 'vars',
  delay: 'wait',
  pause: 'wait',
  sleep: 'wait',
  timer: 'wait',
  await: 'wait',
  each: 'forEach',
  for: 'forEach',
  for_each: 'forEach',
  foreach: 'forEach',
  iterate: 'forEach',
  map: 'forEach',
  loop: 'forEach',
  matrix: 'forEach',
  repeat: 'until',
  repeatuntil: 'until',
  dowhile: 'until',
  except: 'catch',
  onerror: 'catch',
  on_error: 'catch',
  rescue: 'catch',
  'on-error': 'catch',
  ensure: 'finally',
  always: 'finally',
  error: 'fail',
  raise: 'fail',
  throw: 'fail',
  end: 'return',
  exit: 'return',
  result: 'return',
  stop: 'return',
  condition: 'if',
  when: 'if',
  unless: 'if',
  branches: 'parallel',
  concurrent: 'parallel',
  fork: 'parallel',
  name: 'id',
  key: 'id',
  step: 'id',
  title: 'description',
  comment: 'description',
  steps: 'do',
  body: 'do',
  sequence: 'do',
  otherwise: 'else',
  default: 'else',
  parallelism: 'concurrency',
  max_parallel: 'concurrency',
  'max-parallel': 'concurrency',
  maxconcurrency: 'concurrency',
  retries: 'retry',
  retrypolicy: 'retry',
  maxattempts: 'maximumAttempts',
  attempts: 'maximumAttempts',
  max_attempts: 'maximumAttempts',
  backoff: 'backoffCoefficient',
  backoffrate: 'backoffCoefficient',
  interval: 'initialInterval',
  intervalseconds: 'initialInterval',
  undo: 'compensate',
  rollback: 'compensate',
  compensation: 'compensate',
  queue: 'taskQueue',
  'runs-on': 'taskQueue',
  'timeout-minutes': 'timeout',
  timeoutseconds: 'timeout',
  deadline: 'timeout',
  timeout_seconds: 'timeout',
  publish: 'emit',
  event: 'emit',
  continue: 'continueAsNew',
  schema: 'input',
  variable: 'vars',
  limit: 'maximumAttempts',
  maxretries: 'maximumAttempts',
  max_retries: 'maximumAttempts',
  times: 'maximumAttempts',
  multiplier: 'backoffCoefficient',
  factor: 'backoffCoefficient',
  backoff_rate: 'backoffCoefficient',
  initialdelay: 'initialInterval',
  initial_delay: 'initialInterval',
  retryinterval: 'initialInterval',
  max_delay: 'maximumInterval',
  maxdelay: 'maximumInterval',
  maxinterval: 'maximumInterval',
  max_delay_seconds: 'maximumInterval',
  nonretryable: 'nonRetryableErrorTypes',
  ignore: 'nonRetryableErrorTypes',
  target: 'to',
  goto: 'to',
  cond: 'when',
  guard: 'when',
  actions: 'do',
  entry: 'do',
  onentry: 'do',
  on_entry: 'do',
  transitions: 'on',
  events: 'on',
  startat: 'initial',
  start: 'initial',
  initialstate: 'initial',
  initial_state: 'initial',
  tasks: 'steps',
  nodes: 'steps',
  stages: 'steps',
  main: 'steps',
  flow: 'steps',
  activities: 'steps',
  seconds: 'for',
  minutes: 'for',
  duration: 'for',
  errorequals: 'errors',
  error_equals: 'errors',
  exceptions: 'errors',
  itemspath: 'forEach',
  items: 'forEach',
  with_items: 'forEach',
  withitems: 'forEach',
  task_queue: 'taskQueue',
  metadata: 'labels',
  tags: 'labels',
  annotations: 'labels',
  heartbeatseconds: 'heartbeatTimeout',
  heartbeat: 'heartbeatTimeout',
  concurrency_limit: 'concurrency',
  max_concurrency: 'concurrency',
  max_iterations: 'maxIterations',
  toleratedfailurecount: 'tolerate',
  toleratedfailurepercentage: 'tolerate',
  maxfailures: 'tolerate',
  validator: 'validate',
  handler: 'do',
  response: 'return',
  jobs: 'steps',
  apiversion: 'dsl',
  kind: 'dsl',
  executeactivity: 'activity',
  callactivity: 'activity',
  executechildworkflow: 'workflow',
  startchildworkflow: 'workflow',
  startchild: 'workflow',
  parentclosepolicy: 'onParentClose',
  waitfor: 'wait',
  waitforevent: 'wait',
  waitforsignal: 'wait',
  waituntil: 'wait',
  waitcondition: 'wait',
  sleepuntil: 'wait',
  // Beside the other timeouts of `defaults.activity`.
  timeout: 'startToCloseTimeout',
}

/** Told by `key-advice.ts`, whatever the key means elsewhere. */
const noKey = ''

/** Keys that mean one thing here and another there, told by a key that is allowed beside them. */
const guessesBeside: { readonly [beside: string]: { readonly [key: string]: string } } = {
  // A retry policy
  maximumAttempts: { delay: 'initialInterval', errors: 'on' },
  // A transition
  to: { next: 'to', if: 'when', condition: 'when', do: 'do', target: 'to' },
  // A case of a switch
  else: {
    if: 'when',
    condition: 'when',
    cond: 'when',
    case: 'when',
    test: 'when',
    match: 'when',
    // The advice says how.
    next: 'do',
    goto: 'do',
  },
  // A signal, an update, a query with a payload
  schema: { input: 'schema', payload: 'schema', params: 'schema', data: 'schema' },
  // An error to raise
  retryable: {
    code: 'type',
    error: 'type',
    name: 'type',
    msg: 'message',
    reason: 'message',
    text: 'message',
    data: 'details',
    body: 'details',
  },
  // An event to publish
  subject: {
    event: 'type',
    name: 'type',
    eventtype: 'type',
    payload: 'data',
    body: 'data',
    input: 'data',
    detail: 'data',
  },
  // A state
  final: {
    exit: noKey,
    always: 'next',
    transition: 'next',
    result: 'return',
    output: 'return',
    end: 'final',
    terminal: 'final',
    invoke: noKey,
    run: noKey,
  },
  // A wait
  signal: { event: 'signal', name: 'signal', where: 'where', timeout: 'atMost', filter: 'where' },
  // A handler
  errors: { type: 'errors', types: 'errors', on: 'errors', error: 'errors', when: 'if', steps: 'do' },
  // The document
  dsl: { do: 'steps', id: 'name' },
}

/** As it is compared: `max_attempts` and `max-attempts` are `maxAttempts`. */
export function plain(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, '')
}

const plainGuesses: ReadonlyMap<string, string> = new Map(
  Object.entries(guesses).map(([key, meant]) => [plain(key), meant]),
)

/** The key of the language that is meant, where it is one of those that are `free` here; `allowed` are all of this place. */
export function guessedKey(
  key: string,
  allowed: readonly string[],
  free: readonly string[] = allowed,
): string | undefined {
  const written = plain(key)
  const same = free.find((each) => plain(each) === written)
  if (same !== undefined) return same
  for (const [beside, own] of Object.entries(guessesBeside)) {
    const meant = Object.hasOwn(own, written) ? own[written] : undefined
    if (meant === undefined || !allowed.includes(beside)) continue
    if (meant === noKey) return undefined
    if (free.includes(meant)) return meant
  }
  const meant = guessOf(written)
  // A step that has its `id` may have a name for people as well.
  if (meant === 'id' && !free.includes('id') && free.includes('description')) return 'description'
  return meant !== undefined && free.includes(meant) ? meant : undefined
}

/** The verb that is meant by a key of a step that has none. */
export function guessedVerb(key: string, verbs: readonly string[]): string | undefined {
  const meant = guessOf(plain(key))
  return meant !== undefined && verbs.includes(meant) ? meant : undefined
}

function guessOf(written: string): string | undefined {
  // Apart, because an object with a `then` looks like a promise.
  return written === 'then' ? 'do' : plainGuesses.get(written)
}
