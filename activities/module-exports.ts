/**
 * Finds activities and plugins among the exports of a module, whatever their shape: named, default, a list, a plain
 * object that holds them. Owns what counts as one; whether it is well formed is `definition-check.ts`'s business, so
 * an export that means to be an activity is handed on even where something is wrong with it.
 */
import type { Place } from './definition-check.ts'
import { ActivitySetupError } from './setup-error.ts'

export interface FoundExport {
  readonly definition: unknown
  readonly place: Place
}

export interface FoundExports {
  readonly activities: readonly FoundExport[]
  readonly plugins: readonly FoundExport[]
}

/** How deep activities may stand inside exported objects. */
const exportNesting = 4

/** Keys by which an object without `run` is still recognized as an activity whose `run` was forgotten. */
const tellingKeys = ['input', 'output', 'retry', 'startToCloseTimeout', 'heartbeatTimeout', 'maxConcurrent']

export function findExports(module: string, exports: object): FoundExports {
  const activities: FoundExport[] = []
  const plugins: FoundExport[] = []
  /** The same object under several names (a CommonJS module's default and its named exports) is one. */
  const seen = new Set<object>()

  function visit(value: unknown, path: string, depth: number): void {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    const place = { module, export: path }
    if (isPluginLike(value)) plugins.push({ definition: value, place })
    else if (isActivityLike(value)) activities.push({ definition: value, place })
    else if (depth < exportNesting) {
      if (Array.isArray(value)) visitList(value, path, depth)
      else if (isPlain(value))
        for (const key of Object.keys(value)) visit(read(value, key), `${path}.${key}`, depth + 1)
    }
  }

  function visitList(list: readonly unknown[], path: string, depth: number): void {
    const before = activities.length + plugins.length
    list.forEach((item, index) => {
      visit(item, `${path}[${index}]`, depth + 1)
    })
    if (activities.length + plugins.length === before) return
    list.forEach((item, index) => {
      if (item === undefined || item === null)
        throw new ActivitySetupError(
          'ActivityDefinitionInvalid',
          `${module} (export ${path}[${index}]): this entry of the list is ${item}; is it imported from a module that imports this one?`,
        )
    })
  }

  function read(from: object, key: string): unknown {
    try {
      return Reflect.get(from, key)
    } catch (cause) {
      throw new ActivitySetupError(
        'ActivityModuleBroken',
        `${module} (export ${key}): cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
    }
  }

  const names = Object.keys(exports)
  for (const name of [
    ...names.filter((key) => key !== 'default'),
    ...names.filter((key) => key === 'default'),
  ])
    visit(read(exports, name), name, 0)
  return { activities, plugins }
}

function isPluginLike(value: object): boolean {
  return typeof Reflect.get(value, 'setup') === 'function' && !('run' in value)
}

function isActivityLike(value: object): boolean {
  if (Array.isArray(value)) return false
  if ('run' in value) return true
  return (
    typeof Reflect.get(value, 'name') === 'string' && tellingKeys.some((key) => Object.hasOwn(value, key))
  )
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
