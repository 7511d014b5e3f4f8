/**
 * An execution in words: where it stands, what it waits for, its activities, its result. Owns the layout of `show`
 * and `why`; what is said comes from the engine.
 */
import type { ExecutionDescription, WaitingFor } from '../engine-types.ts'
import { because, showError, showValue } from '../narration/sentence.ts'
import type { Palette } from '../terminal/palette.ts'
import { table } from '../terminal/table.ts'

export function descriptionLines(shown: ExecutionDescription, colours: Palette): string {
  const facts: (readonly [string, string])[] = [
    ['workflow', `${shown.workflow}@${shown.version}`],
    ['status', paintStatus(shown.status, colours)],
    ['run', shown.runId],
    ...(shown.firstRunId === shown.runId ? [] : [['first run', shown.firstRunId] as const]),
    ...(shown.continuedAs === undefined ? [] : [['continued as', shown.continuedAs] as const]),
    ...(shown.parent === null
      ? []
      : [['parent', `${shown.parent.workflowId} (run ${shown.parent.runId})`] as const]),
    ...(shown.state === null ? [] : [['state', colours.strong(shown.state)] as const]),
    ...(shown.paused === null ? [] : [['paused', colours.notice(pauseWords(shown.paused))] as const]),
    ['started', shown.startedAt],
    ...(shown.closedAt === null ? [] : [['closed', shown.closedAt] as const]),
    ['history', `${shown.historyLength} ${shown.historyLength === 1 ? 'event' : 'events'}`],
    ...(shown.memo === null ? [] : [['memo', showValue(shown.memo)] as const]),
    ...(isEmpty(shown.searchAttributes) ? [] : [['attributes', showValue(shown.searchAttributes)] as const]),
    ...(isEmpty(shown.vars) ? [] : [['vars', showValue(shown.vars)] as const]),
    ...(shown.parked === null ? [] : [['parked', colours.bad(shown.parked)] as const]),
    ...(shown.result === undefined ? [] : [['result', JSON.stringify(shown.result)] as const]),
    ...(shown.error === undefined ? [] : [['error', colours.bad(showError(shown.error))] as const]),
  ]
  const parts = [`${colours.strong(shown.workflowId)}`, indented(table([], facts))]
  if (shown.at.length > 0) {
    const rows = shown.at.map((place) => [place.path, `line ${place.line}`])
    parts.push('stands at', indented(table([], rows)))
  }
  if (shown.waitingFor.length > 0) parts.push('waits for', indented(waitLines(shown.waitingFor)))
  if (shown.pendingActivities.length > 0) {
    const rows = shown.pendingActivities.map((activity) => [
      activity.path,
      activity.activity,
      activity.state,
      `attempt ${activity.attempt}`,
      activity.nextAttemptAt === null ? '' : `next ${activity.nextAttemptAt}`,
      activity.lastFailure === null ? '' : showError(activity.lastFailure),
    ])
    parts.push('activities', indented(table([], rows)))
  }
  if (shown.pendingChildren.length > 0) {
    const rows = shown.pendingChildren.map((child) => [
      child.path,
      child.workflow,
      child.workflowId,
      child.attempt === 1 ? '' : `attempt ${child.attempt}`,
    ])
    parts.push('children', indented(table([], rows)))
  }
  return parts.join('\n')
}

/** What `why` prints: one sentence for each thing that is waited for, or why there is nothing. */
export function whyLines(shown: ExecutionDescription, colours: Palette): string {
  const parent = shown.parent === null ? '' : `, child of ${shown.parent.workflowId}`
  const state = shown.state === null ? '' : ` in state ${colours.strong(shown.state)}`
  const status = shown.paused === null ? paintStatus(shown.status, colours) : colours.notice('paused')
  const head = `${colours.strong(shown.workflowId)} (${shown.workflow}@${shown.version}${parent}) is ${status}${state}`
  if (shown.status !== 'running') {
    const error = shown.error === undefined ? '' : `: ${showError(shown.error)}`
    const next = shown.continuedAs === undefined ? '' : `: it is run ${shown.continuedAs} now`
    return `${head} since ${shown.closedAt}${error}${next}`
  }
  if (shown.waitingFor.length === 0) return `${head} and waits for nothing: it is being worked on now`
  return `${head} and waits for\n${indented(waitLines(shown.waitingFor))}`
}

export function paintStatus(status: ExecutionDescription['status'], colours: Palette): string {
  if (status === 'completed') return colours.good(status)
  return status === 'running' || status === 'continuedAsNew' ? status : colours.bad(status)
}

function pauseWords(paused: NonNullable<ExecutionDescription['paused']>): string {
  const step = paused.step === null ? '' : ` at ${paused.step}`
  return `since ${paused.since}${step}${because(paused.reason)}`
}

function waitLines(waits: readonly WaitingFor[]): string {
  return table(
    [],
    waits.map((wait) => [
      wait.path ?? '-',
      wait.line === null ? '' : `line ${wait.line}`,
      wait.text + (wait.until === null ? '' : ` (until ${wait.until})`),
    ]),
  )
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

function isEmpty(value: ExecutionDescription['vars']): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0)
}
