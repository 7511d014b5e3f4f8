/**
 * Reads typed values out of a scenario file and collects what is wrong, each with its position.
 * Owns the wording of problems that any part of the file can have; which keys there are is told by
 * `scenario-file.ts`, `scenario-script.ts`, `scenario-at.ts` and `scenario-expect.ts`, its callers.
 */
import { type Json, type JsonObject, type Problem, parseDuration } from '../engine/index.ts'
import { didYouMean } from '../engine/test-kit.ts'
import type { DocumentPath } from './scenario.ts'
import type { ScenarioSource } from './scenario-source.ts'

export class ScenarioReader {
  readonly problems: Problem[] = []
  readonly #source: ScenarioSource

  constructor(source: ScenarioSource) {
    this.#source = source
  }

  wrong(path: DocumentPath, message: string, suggestion?: string): void {
    this.problems.push(this.#source.problem(this.#source.locate(path), path, message, suggestion))
  }

  /** A map that has no other keys than these; an unknown one is a problem at the key. */
  map(value: Json | undefined, path: DocumentPath, what: string, keys: readonly string[]): JsonObject | null {
    const map = this.anyMap(value, path, what)
    if (map === null) return null
    for (const key of Object.keys(map)) {
      if (keys.includes(key)) continue
      const at = [...path, key]
      const meant = didYouMean(key, keys)
      this.problems.push(
        this.#source.problem(
          this.#source.locateKey(at),
          at,
          `unknown key "${key}" in ${what}`,
          meant === undefined ? `the keys are ${keys.join(', ')}` : `did you mean "${meant}"?`,
        ),
      )
    }
    return map
  }

  anyMap(value: Json | undefined, path: DocumentPath, what: string): JsonObject | null {
    if (isMap(value)) return value
    this.wrong(path, `${what} must be a map, not ${kindOf(value)}`)
    return null
  }

  list(value: Json | undefined, path: DocumentPath, what: string): readonly Json[] | null {
    if (isList(value)) return value
    this.wrong(path, `${what} must be a list, not ${kindOf(value)}`)
    return null
  }

  text(value: Json | undefined, path: DocumentPath, what: string): string | null {
    if (typeof value === 'string') return value
    this.wrong(
      path,
      `${what} must be a text, not ${kindOf(value)}`,
      typeof value === 'number' || typeof value === 'boolean' ? `quote it: "${value}"` : undefined,
    )
    return null
  }

  flag(value: Json | undefined, path: DocumentPath, what: string): boolean | null {
    if (typeof value === 'boolean') return value
    this.wrong(path, `${what} must be true or false, not ${kindOf(value)}`)
    return null
  }

  /** A list of texts. */
  texts(value: Json | undefined, path: DocumentPath, what: string): readonly string[] | null {
    const list = this.list(value, path, what)
    if (list === null) return null
    const texts = list.map((item, index) => this.text(item, [...path, index], `an entry of ${what}`))
    return texts.every((text) => text !== null) ? texts : null
  }

  durationMs(value: Json | undefined, path: DocumentPath, what: string): number | null {
    const ms = typeof value === 'string' ? parseDuration(value) : null
    if (ms !== null) return ms
    this.wrong(
      path,
      `${what} must be a duration, not ${typeof value === 'string' ? `"${value}"` : kindOf(value)}`,
      typeof value === 'number'
        ? `name the unit: ${value}s`
        : 'write it as 500ms, 30s, 5m, 1h30m, 7d or PT5M',
    )
    return null
  }

  /** One of some words. */
  word<const W extends string>(
    value: Json | undefined,
    path: DocumentPath,
    what: string,
    words: readonly W[],
  ): W | null {
    const found = words.find((word) => word === value)
    if (found !== undefined) return found
    const meant = typeof value === 'string' ? didYouMean(value, words) : undefined
    this.wrong(
      path,
      `${what} must be one of ${words.join(', ')}, not ${typeof value === 'string' ? `"${value}"` : kindOf(value)}`,
      meant === undefined ? undefined : `did you mean "${meant}"?`,
    )
    return null
  }
}

export function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

function kindOf(value: Json | undefined): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value === 'string') return 'a text'
  return typeof value === 'number' ? 'a number' : 'true or false'
}
