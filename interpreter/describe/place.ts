/** Where something in a state belongs in the document, and one thing that a run waits for. Used by `describe*.ts`. */
import type { Plan } from '../../schema/plan.ts'
import type { Instant } from '../events.ts'
import { stepPath } from '../paths.ts'
import type { Fiber } from '../state.ts'

export interface Position {
  readonly step: string
  readonly path: string
  /** From 1; 0 where the plan does not know the step. */
  readonly line: number
}

export interface Wait {
  readonly kind:
    | 'activity'
    | 'timer'
    | 'signal'
    | 'condition'
    | 'child'
    | 'externalSignal'
    | 'transition'
    | 'paused'
  /** Null, as `path` and `line`, where it is the run as a whole. */
  readonly step: string | null
  readonly path: string | null
  readonly line: number | null
  readonly text: string
  readonly until: Instant | null
}

/** The step on top of a fiber. */
export function positionOf(plan: Plan, fiber: Fiber): Position | undefined {
  const frame = fiber.frames[fiber.frames.length - 1]
  if (frame?.kind !== 'step') return undefined
  return { step: frame.step, path: stepPath(fiber, frame.step), line: lineOf(plan, frame.step) }
}

export function lineOf(plan: Plan, step: string): number {
  return plan.steps[step]?.place.line ?? 0
}

export function waitAt(
  plan: Plan,
  fiber: Fiber,
  kind: Wait['kind'],
  text: string,
  until: Instant | null,
): Wait[] {
  const place = positionOf(plan, fiber)
  return place === undefined ? [] : [{ kind, ...place, text, until }]
}
