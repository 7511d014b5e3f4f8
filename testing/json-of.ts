/** A plain value whose type is an interface as the JSON that it is; interfaces have no index signature. */
import type { JsonObject } from '../engine/index.ts'

export function jsonOf(value: object): JsonObject {
  return Object.fromEntries(Object.entries(value))
}
