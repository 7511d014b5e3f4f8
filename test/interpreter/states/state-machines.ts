/** What tests of state machines share: a machine without its head, and the way it took. */
import type { StateTransitioned } from '../../../interpreter/events.ts'
import { doc, type Run } from '../harness.ts'

export const broken = { throws: { type: 'Broken', message: 'no', retryable: false } }

export function moves(run: Run): string[] {
  return run.events
    .filter((event): event is StateTransitioned => event.type === 'StateTransitioned')
    .map(
      ({ from, to, trigger, signal }) =>
        `${from}>${to} ${trigger}${signal === undefined ? '' : ` ${signal}`}`,
    )
}

export function machine(states: string, more = ''): string {
  return doc(`vars: { n: 0, log: [], note: null }\n${more}initial: a\nstates:\n${states}`)
}
