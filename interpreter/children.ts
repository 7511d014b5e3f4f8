/** Children as the reducer sees them: initiated, started, ended. Owns the book of pending ones. */
import type { ChildInputEvent } from './child-events.ts'
import type { PendingChild } from './state.ts'
import type { Turn } from './turn.ts'

/** Undefined where nobody keeps it any more. */
export function childFor(_turn: Turn, _event: ChildInputEvent): PendingChild | undefined {
  throw new Error('INT-A')
}

export function childReported(_turn: Turn, _child: PendingChild, _event: ChildInputEvent): void {
  throw new Error('INT-A')
}

/** The run closes: each pending child by its `onParentClose`; the book is empty afterwards. */
export function closeChildren(_turn: Turn): void {}
