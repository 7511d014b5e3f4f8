/**
 * The size of what leaves an expression for the world (inputs, results, details of errors, answers) or stays in the
 * state (variables). Owns the limit `payloadBytes` inside a run; what comes in is measured at the engine's doors. One walk per value, some 0.3 µs for 300 bytes.
 */
import type { Json } from '../../schema/json.ts'
import { expressionFault, limitFault } from '../errors/faults.ts'
import { isDeeperThan, jsonBytes, valueDepth } from '../values/values.ts'

/** The value itself. Throws a `Fault` (`LimitExceeded`); `what` names it in words. */
export function withinPayload<T extends Json>(
  limits: { readonly payloadBytes: number },
  value: T,
  what: string,
): T {
  const allowed = limits.payloadBytes
  const bytes = jsonBytes(value, allowed)
  if (bytes <= allowed) return value
  throw limitFault('payloadBytes', allowed, `${what} has ${bytes} bytes or more as JSON`)
}

/**
 * The same for a variable, which may be as large as what an expression builds. A template that names a variable twice
 * (`[ "${ vars.a }", "${ vars.a }" ]`) doubles it at no cost, and in a loop without end.
 */
export function withinVariable<T extends Json>(
  { expressionBytes }: { readonly expressionBytes: number },
  value: T,
  name: string,
): T {
  if (typeof value !== 'object' && typeof value !== 'string') return value
  const bytes = jsonBytes(value, expressionBytes)
  if (bytes > expressionBytes) {
    const what = `the variable \`${name}\` would have ${bytes} bytes or more as JSON`
    throw limitFault('expressionBytes', expressionBytes, what)
  }
  if (isDeeperThan(value, valueDepth)) {
    throw expressionFault(`the variable \`${name}\` would be nested deeper than ${valueDepth} levels`)
  }
  return value
}
