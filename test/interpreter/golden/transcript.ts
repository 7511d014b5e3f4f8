/**
 * What came out of a golden script, as text for people to read in review: for each thing that happened the events of its
 * turns (`>` inputs, `<` decisions), what the driver must do (`!`) and what is sent (`^`). Owns the wording alone.
 */
import { describeState } from '../../../interpreter/describe/describe.ts'
import { isInput, type StoredEvent } from '../../../interpreter/events.ts'
import type { TurnResult } from '../../../interpreter/reducer-contract.ts'
import type { Run } from '../harness.ts'
import type { Played, Script } from './script.ts'

export function transcriptOf(script: Script, run: Run, played: readonly Played[]): string {
  const lines = [`# ${script.about.trim().replaceAll('\n', '\n# ')}`]
  const begun = played[0]?.turns[0]?.events[0]?.timestamp ?? 0
  for (const { action, afterMs, turns } of played) {
    lines.push('', `[+${afterMs / 1000}s] ${JSON.stringify(action)}`)
    if (turns.length === 0) lines.push('  (nothing was due)')
    for (const [n, turn] of turns.entries()) {
      const at = timeOf(turn, begun)
      if (n > 0 || (at !== null && at !== afterMs))
        lines.push(`  ---- ${at === null ? '' : `+${at / 1000}s`}`)
      lines.push(...linesOf(turn, begun))
    }
  }
  lines.push('', ...endOf(run))
  return `${lines.join('\n')}\n`
}

/** Milliseconds since the start; null where the turn left no event. */
function timeOf({ events }: TurnResult, begun: number): number | null {
  const [first] = events
  return first === undefined ? null : first.timestamp - begun
}

function linesOf(turn: TurnResult, begun: number): string[] {
  const { events, effects, outgoing, continues } = turn
  return [
    ...events.map((event) => `  ${isInput[event.type] ? '>' : '<'} ${eventText(event, begun)}`),
    ...effects.map(({ kind, activityId }) => `  ! ${kind} ${activityId}`),
    ...outgoing.map(({ kind, ...rest }) => `  ^ ${kind} ${text(rest, begun)}`),
    ...(events.length === 0 && outgoing.length === 0 ? ['  (left no trace)'] : []),
    ...(continues ? ['  (cut: to be continued)'] : []),
  ]
}

function eventText(event: StoredEvent, begun: number): string {
  // The digest says what the document says.
  const { type, timestamp: _shownAbove, ...rest } = { ...event, ...withoutDigest }
  if (!('path' in rest)) return `${type} ${text(rest, begun)}`
  const { step: _inPath, path, ...more } = rest
  return `${type} ${path} ${text(more, begun)}`
}

const withoutDigest = { digest: undefined }

const times = new Set(['fireAt', 'startedAt', 'willRetryAt', 'deadlineAt', 'initiatedAt'])

/** Instants as seconds since the start. */
function text(value: unknown, begun: number): string {
  return JSON.stringify(value, (key, one) =>
    times.has(key) && typeof one === 'number' ? `+${(one - begun) / 1000}s` : one,
  )
}

/** How it closed, or what it waits for, with the words of `why` (keeps I6). */
function endOf(run: Run): string[] {
  const { outcome } = run
  if (outcome !== null) return [`= ${JSON.stringify(outcome)}`]
  const { waits } = describeState(run.program, run.state)
  return waits.map((wait) => `= waits: ${wait.kind} ${wait.path}: ${wait.text}`)
}
