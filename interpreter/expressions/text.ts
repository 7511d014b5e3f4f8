/**
 * A value as text, as JSONata's `$string` makes it: a string as it is, other values as JSON, numbers with at most 15
 * significant digits. Called for the parts of a text template and, under a meter, by our `$string` and `&`.
 */
import type { Json } from '../../schema/json.ts'

function numberText(value: number): string {
  // As jsonata: 0.1 + 0.2 reads 0.3, and what is an integer stays exact. -0 reads 0, as in JSON.
  return String(Number.isInteger(value) ? value + 0 : Number(value.toPrecision(15)))
}

export function textOf(value: Json): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      return numberText(value)
    case 'boolean':
      return value ? 'true' : 'false'
    default:
      return value === null ? 'null' : JSON.stringify(value, shortNumber)
  }
}

function shortNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(15)) : value
}
