/**
 * The size of what leaves an expression for the world: inputs, results, details of errors, answers. Owns the limit
 * `payloadBytes` inside a run; what comes in is measured at the engine's doors. One walk per value, some 0.3 µs for 300 bytes.
 */
import type { Json } from '../schema/json.ts'
import { limitFault } from './faults.ts'
import { jsonBytes } from './values.ts'

/** The value itself. Throws a `Fault` (`LimitExceeded`); `what` names it in words. */
export function withinPayload<T extends Json>(
  limits: { readonly payloadBytes: number },
  value: T,
  what: string,
): T {
  const allowed = limits.payloadBytes
  const bytes = jsonBytes(value)
  if (bytes <= allowed) return value
  throw limitFault('payloadBytes', allowed, `${what} has ${bytes} bytes as JSON`)
}
