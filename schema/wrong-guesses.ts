/**
 * The keys that people bring from GitHub Actions, Step Functions, Google Workflows, Argo, Temporal and XState, and what they
 * are called here, or what to do instead. Owns the lists; used where a key is unknown and no spelling is near.
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
}

/** Told by `adviceFor`, whatever the key means elsewhere. */
const noKey = ''

/** Keys that mean one thing here and another there, told by a key that is allowed beside them. */
const guessesBeside: { readonly [beside: string]: { readonly [key: string]: string } } = {
  // A retry policy
  maximumAttempts: { delay: 'initialInterval', errors: 'on' },
  // A transition
  to: { next: 'to', if: 'when', condition: 'when', do: 'do', target: 'to' },
  // A state
  final: {
    exit: noKey,
    result: 'return',
    output: 'return',
    end: 'final',
    terminal: 'final',
    invoke: 'do',
    run: 'do',
  },
  // A wait
  signal: { event: 'signal', name: 'signal', where: 'where', timeout: 'atMost', filter: 'where' },
  // A handler
  errors: { type: 'errors', types: 'errors', on: 'errors', error: 'errors', when: 'if', steps: 'do' },
  // The document
  dsl: { do: 'steps', id: 'name' },
}

/** The key of the language that is meant, where it is one of those allowed here. */
export function guessedKey(key: string, allowed: readonly string[]): string | undefined {
  const lower = key.toLowerCase()
  for (const [beside, own] of Object.entries(guessesBeside)) {
    const meant = Object.hasOwn(own, lower) ? own[lower] : undefined
    if (meant === undefined || !allowed.includes(beside)) continue
    if (meant === noKey) return undefined
    if (allowed.includes(meant)) return meant
  }
  // Apart, because an object with a `then` looks like a promise.
  const meant = lower === 'then' ? 'do' : Object.hasOwn(guesses, lower) ? guesses[lower] : undefined
  return meant !== undefined && allowed.includes(meant) ? meant : undefined
}

interface Advice {
  readonly keys: readonly string[]
  /** A key that is allowed where the advice holds. */
  readonly beside: string
  readonly advice: string
}

/** What has no key of its own here. */
const advices: readonly Advice[] = [
  {
    keys: ['onerror', 'on_error', 'on-error', 'catch', 'except', 'rescue', 'onfailure', 'on_failure'],
    beside: 'if',
    advice: 'errors are handled around steps: try: [ … ] with catch: [ { errors: [ … ], do: [ … ] } ]',
  },
  {
    keys: ['continue-on-error', 'continueonerror', 'ignore_errors', 'ignoreerrors', 'allow_failure'],
    beside: 'if',
    advice: 'to go on after an error, put the step into a `try` with a `catch`',
  },
  {
    keys: ['needs', 'dependson', 'depends_on', 'depends-on', 'dependencies', 'after', 'requires'],
    beside: 'if',
    advice: 'steps run in their order; what may run at once goes into the branches of `parallel`',
  },
  {
    keys: ['next', 'goto', 'transition', 'to'],
    beside: 'if',
    advice:
      'steps run in their order; choose with `switch`, or write the document as a state machine (`states`)',
  },
  {
    keys: ['end', 'final', 'terminal'],
    beside: 'if',
    advice: 'the last step ends the workflow; to end it earlier, or with a result, add a step `return`',
  },
  {
    keys: [
      'output',
      'outputs',
      'result',
      'resultpath',
      'resultselector',
      'outputpath',
      'register',
      'as',
      'save_as',
    ],
    beside: 'if',
    advice: 'the result of a step is read by its id, as steps.<id>; to keep it under another name, use `set`',
  },
  {
    keys: ['type', 'verb'],
    beside: 'if',
    advice: 'what a step does is told by its key: activity: …, wait: …, set: …',
  },
  {
    keys: ['inputpath'],
    beside: 'if',
    advice: 'choose what goes in with expressions: input: { id: ${ input.id } }',
  },
  {
    keys: ['atmost'],
    beside: 'wait',
    advice: 'it belongs inside: wait: { signal: …, atMost: … }',
  },
  { keys: ['where'], beside: 'wait', advice: 'it belongs inside: wait: { signal: …, where: … }' },
  {
    keys: ['document', 'info', 'spec', 'workflow'],
    beside: 'dsl',
    advice: '`dsl`, `name`, `version` and `steps` stand at the root of the document',
  },
  {
    keys: ['on', 'schedule', 'schedules', 'cron', 'trigger', 'triggers'],
    beside: 'dsl',
    advice: 'a document says what runs, not when: executions are started from outside',
  },
  {
    keys: ['namespace', 'id', 'specversion', 'schemaversion'],
    beside: 'dsl',
    advice: 'a document is known by its `name` and `version`; the namespace is where it is deployed',
  },
  {
    keys: ['secrets'],
    beside: 'dsl',
    advice: 'secrets belong to the code of activities: what a document holds is stored and shown',
  },
  {
    keys: ['functions', 'definitions', 'use'],
    beside: 'dsl',
    advice:
      'activities are registered by the server or a worker and named in steps: activity: payments.charge',
  },
  {
    keys: ['exit', 'onexit', 'on_exit'],
    beside: 'final',
    advice: 'what runs on leaving stands in the transition: on: { go: { to: …, do: [ … ] } }',
  },
  {
    keys: ['type'],
    beside: 'final',
    advice: 'a state is told by its keys: `final: true` ends the run, `next` goes on by itself, `on` waits',
  },
]

/** What to do instead of a key that has no counterpart, where `allowed` are the keys of its place. */
export function adviceFor(key: string, allowed: readonly string[]): string | undefined {
  const lower = key.toLowerCase()
  return advices.find(({ keys, beside }) => allowed.includes(beside) && keys.includes(lower))?.advice
}
