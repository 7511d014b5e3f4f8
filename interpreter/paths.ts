/**
 * Addresses for people: a step's id behind the scopes around it, such as `flights[1].flight` or `prepare.stock.reserve`.
 * `do`, `switch` and `try` open no scope and do not show.
 */
import type { StepId } from '../schema/plan.ts'
import type { Fiber } from './state.ts'

export function joinPath(outer: string, inner: string): string {
  return outer === '' ? inner : `${outer}.${inner}`
}

/** Where the fiber stands: its own path and the rounds of the loops that it is in. */
export function scopePath(fiber: Fiber): string {
  let path = fiber.path
  for (const frame of fiber.frames) {
    if (frame.kind === 'step' && (frame.verb === 'while' || frame.verb === 'until')) {
      path = joinPath(path, `${frame.step}[${frame.round}]`)
    }
  }
  return path
}

/** The address of a step that the fiber has just entered or stands at; a loop's own address is without its round. */
export function stepPath(fiber: Fiber, step: StepId): string {
  const path = scopePath(fiber)
  const top = fiber.frames[fiber.frames.length - 1]
  if (top?.kind === 'step' && top.step === step && (top.verb === 'while' || top.verb === 'until')) {
    return path.slice(0, path.lastIndexOf('['))
  }
  return joinPath(path, step)
}
