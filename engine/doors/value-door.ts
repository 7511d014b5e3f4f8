/**
 * The check of a value at a door of the engine: an input, a signal, an activity's result. What passes
 * can be stored by every driver, so that one value never fails a batch with the turns of others.
 * The rules are `interpreter/values/values.ts`; this says what a broken one is called.
 */
import type { CheckValue } from '../../activities/index.ts'
import type { ErrorShape } from '../../interpreter/errors/fault.ts'
import { checkJson } from '../../interpreter/values/values.ts'
import type { Json } from '../../schema/json.ts'

export interface ValueProblem {
  readonly kind: 'size' | 'content'
  /** Goes on after "the input", "the result of the activity", … */
  readonly message: string
  readonly details: Json
}

export type CheckedValue =
  | { readonly problem: null; readonly value: Json; readonly bytes: number }
  | { readonly problem: ValueProblem }

/** `value` may be anything that claims to be JSON. `payloadBytes` is the limit of that name. */
export function checkValue(value: unknown, payloadBytes: number): CheckedValue {
  const checked = checkJson(value, { payloadBytes })
  if (checked.ok) return { problem: null, value: checked.value, bytes: checked.bytes }
  const isSize = checked.message.includes('(limit payloadBytes)')
  return {
    problem: {
      kind: isSize ? 'size' : 'content',
      message: `${checked.path === '' ? '' : `at ${checked.path} `}is refused: ${checked.message}`,
      details: isSize ? { limit: 'payloadBytes', maximum: payloadBytes } : { path: checked.path },
    },
  }
}

/** For the runner of activities, which refuses a result before it reports it. */
export function resultCheck(payloadBytes: number): CheckValue {
  return (value) => checkJson(value, { payloadBytes })
}

export function resultError(problem: ValueProblem): ErrorShape {
  return {
    type: problem.kind === 'size' ? 'LimitExceeded' : 'ActivityOutputInvalid',
    message: `the result of the activity ${problem.message}`,
    details: problem.details,
    retryable: false,
  }
}
