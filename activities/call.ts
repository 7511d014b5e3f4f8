/**
 * Calls the code of an activity: checks and copies its input, takes what it returns or throws, and says how the
 * attempt ended. Owns nothing of time, queues or reports; `runner.ts` calls it.
 *
 * Written with callbacks and not as an async function: what answers at once is ended at once, and an activity that
 * returns a promise costs one `then`.
 */
import type { ErrorShape } from '../interpreter/errors/fault.ts'
import type { Json } from '../schema/json.ts'
import { type Attempt, AttemptContext } from './attempt.ts'
import { type CheckValue, type Failure, failureOf, recordable } from './failure.ts'
import { copyToJson } from './plain-json.ts'
import { type Checked, isStandardSchema, problemsText, type SchemaProblem } from './schema-check.ts'

/** How an attempt ended. `later`: its code called `completeLater()`. */
export type Ending =
  | { readonly kind: 'completed'; readonly result: Json }
  | ({ readonly kind: 'failed' } & Failure)
  | { readonly kind: 'timedOut'; readonly timeout: 'StartToClose' | 'Heartbeat' }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'later' }

export type LastingEnding = Exclude<Ending, { kind: 'later' }>

/** Ends exactly once for code that settles, never for code that does not. */
export function callActivity(attempt: Attempt, check: CheckValue, end: (ending: Ending) => void): void {
  const { checkInput } = attempt.activity
  if (checkInput === null) run(attempt, undefined, check, end)
  else
    whenKnown(
      () => checkInput(ownInput(attempt)),
      (checked) => {
        if ('problems' in checked) end({ kind: 'failed', error: inputInvalid(attempt, checked.problems) })
        else run(attempt, checked, check, end)
      },
      (thrown) => end(thrownEnding(attempt, thrown, check)),
    )
}

/** Code may change its input, and the engine's state must not change with it. */
function ownInput(attempt: Attempt): Json {
  return copyToJson(attempt.task.input)
}

function run(
  attempt: Attempt,
  checked: { readonly value: unknown } | undefined,
  check: CheckValue,
  end: (ending: Ending) => void,
): void {
  // The check of the input may have taken long.
  if (attempt.phase === 'over') return
  whenKnown(
    () => {
      const input = checked === undefined ? ownInput(attempt) : checked.value
      return attempt.activity.definition.run(input as never, new AttemptContext(attempt))
    },
    (returned) => {
      if (attempt.completesLater) end({ kind: 'later' })
      else recordedResult(attempt, returned, check, end)
    },
    (thrown) => end(thrownEnding(attempt, thrown, check)),
  )
}

/** Checks and copies a result; ends as completed, or as failed with `ActivityOutputInvalid`. */
export function recordedResult(
  attempt: Attempt,
  returned: unknown,
  check: CheckValue,
  end: (ending: LastingEnding) => void,
): void {
  if (attempt.phase === 'over') return
  const { checkOutput, definition } = attempt.activity
  const record = (value: unknown) => end(recorded(attempt, value, check))
  if (checkOutput === null) {
    record(returned)
    return
  }
  whenKnown(
    // A Standard Schema sees what was returned, dates and all; a JSON Schema sees what JSON makes of it.
    () => checkOutput(isStandardSchema(definition.output) ? returned : copyToJson(returned)),
    (checked: Checked) => {
      if ('problems' in checked)
        end({ kind: 'failed', error: outputInvalid(attempt, problemsText(checked.problems)) })
      else record(checked.value)
    },
    (thrown) => end({ kind: 'failed', error: outputInvalid(attempt, messageOf(thrown)) }),
  )
}

function recorded(attempt: Attempt, value: unknown, check: CheckValue): LastingEnding {
  try {
    const checked = check(copyToJson(value))
    if (checked.ok) return { kind: 'completed', result: checked.value }
    const at = checked.path === '' ? '' : `${checked.path}: `
    return { kind: 'failed', error: outputInvalid(attempt, `${at}${checked.message}`) }
  } catch (thrown) {
    return { kind: 'failed', error: outputInvalid(attempt, messageOf(thrown)) }
  }
}

/** Once asked to stop by a cancellation, code that throws because of it has been canceled; any other error is its own. */
function thrownEnding(attempt: Attempt, thrown: unknown, check: CheckValue): LastingEnding {
  return attempt.cancelRequested && attempt.isAnswerToStop(thrown)
    ? { kind: 'canceled' }
    : { kind: 'failed', ...failureOf(thrown, check) }
}

function inputInvalid(attempt: Attempt, problems: readonly SchemaProblem[]): ErrorShape {
  return {
    type: 'ActivityInputInvalid',
    message: recordable(
      `the input of activity "${attempt.activity.name}" does not match its schema: ${problemsText(problems)}`,
    ),
    details: {
      problems: problems
        .slice(0, 100)
        .map(({ path, message }) => ({ path: recordable(path), message: recordable(message) })),
    },
    retryable: false,
  }
}

function outputInvalid(attempt: Attempt, reason: string): ErrorShape {
  return {
    type: 'ActivityOutputInvalid',
    message: recordable(`the result of activity "${attempt.activity.name}" cannot be recorded: ${reason}`),
    retryable: false,
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** Takes a value that is there at once or later; nothing thrown escapes, and `known` runs outside the net of `failed`. */
function whenKnown<Value>(
  get: () => Value | PromiseLike<Value>,
  known: (value: Value) => void,
  failed: (thrown: unknown) => void,
): void {
  let value: Value | PromiseLike<Value>
  let later: boolean
  try {
    value = get()
    later = isThenable(value)
  } catch (thrown) {
    failed(thrown)
    return
  }
  if (later) Promise.resolve(value).then(known, failed)
  else known(value as Value)
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function'
}
