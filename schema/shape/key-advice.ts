/**
 * What to do instead of a key that others have and this language has not, where no key of its own stands for it. Owns the
 * lists; used where a key is unknown. Keys that are called otherwise here are `wrong-guesses.ts`'s.
 */
import { plain } from './wrong-guesses.ts'

interface Advice {
  readonly keys: readonly string[]
  /** A key that is allowed where the advice holds. */
  readonly beside: string
  readonly advice: string
}

/** What is told before any key that is spelt alike, or that stands for it. */
const firstAdvices: readonly Advice[] = [
  {
    keys: ['elseif', 'elif', 'elsif'],
    beside: 'else',
    advice: 'more than two ways are a `switch`: [ { when: …, do: [ … ] }, …, { else: [ … ] } ]',
  },
  {
    keys: ['next', 'goto'],
    beside: 'else',
    advice: 'what is done in this case stands in it: do: [ … ]',
  },
]

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
    keys: ['cases'],
    beside: 'switch',
    advice: "each case has its own condition: switch: [ { when: input.kind = 'a', do: [ … ] } ]",
  },
  {
    keys: ['type', 'properties', 'required', 'items', 'enum', 'additionalproperties'],
    beside: 'schema',
    advice: 'a JSON Schema of the payload stands under `schema`: schema: { type: object, … }',
  },
  {
    keys: ['options', 'settings', 'config'],
    beside: 'taskQueue',
    advice: 'the settings of an activity stand in the step itself, beside `activity`',
  },
  {
    keys: [
      'retry',
      'starttoclosetimeout',
      'scheduletostarttimeout',
      'scheduletoclosetimeout',
      'heartbeattimeout',
      'timeout',
    ],
    beside: 'activity',
    advice: 'it belongs inside: defaults: { activity: { … } }',
  },
  {
    keys: ['source'],
    beside: 'subject',
    advice: 'the source of an event is the execution itself; leave it out',
  },
  {
    keys: [
      'activity',
      'workflow',
      'wait',
      'set',
      'emit',
      'signal',
      'parallel',
      'foreach',
      'switch',
      'try',
      'run',
      'invoke',
      'resource',
      'uses',
      'call',
      'action',
      'input',
      'retry',
    ],
    beside: 'final',
    advice: 'what a state does are the steps in its `do`: do: [ { activity: … } ]',
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

const isFor = (key: string, allowed: readonly string[]) => {
  const written = plain(key)
  return ({ keys, beside }: Advice) =>
    allowed.includes(beside) && keys.some((each) => plain(each) === written)
}

/** What to do instead of a key that has no counterpart, where `allowed` are the keys of its place. */
export function adviceFor(key: string, allowed: readonly string[]): string | undefined {
  return advices.find(isFor(key, allowed))?.advice
}

/** What to do instead of a key whatever it is like. */
export function firstAdviceFor(key: string, allowed: readonly string[]): string | undefined {
  return firstAdvices.find(isFor(key, allowed))?.advice
}
