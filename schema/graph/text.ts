/** The words of a definition graph: expressions, templates and durations of a plan as short texts. Pure; knows no node. */
import { formatDuration } from '../duration.ts'
import type { ParallelJoin, Plan, PlanDuration, RetrySettings, Template, WaitFor } from '../plan.ts'

export function expressionText(plan: Plan, index: number): string {
  return oneLine(plan.expressions[index]?.source ?? '')
}

/** As an author would write it, on one line. */
export function templateText(plan: Plan, template: Template): string {
  switch (template.kind) {
    case 'constant':
      return oneLine(typeof template.value === 'string' ? template.value : JSON.stringify(template.value))
    case 'expression':
      return `\${ ${expressionText(plan, template.expression)} }`
    case 'text':
      return oneLine(
        template.parts
          .map((part) => (typeof part === 'string' ? part : `\${ ${expressionText(plan, part)} }`))
          .join(''),
      )
    case 'list':
      return `[${template.items.map((item) => templateText(plan, item)).join(', ')}]`
    case 'map':
      return `{ ${template.entries.map(([key, value]) => `${key}: ${templateText(plan, value)}`).join(', ')} }`
  }
}

export function durationText(plan: Plan, duration: PlanDuration): string {
  return 'ms' in duration ? formatDuration(duration.ms) : templateText(plan, duration.template)
}

export function waitText(plan: Plan, wait: WaitFor): string {
  const atMost =
    'atMost' in wait && wait.atMost !== undefined ? `, at most ${durationText(plan, wait.atMost)}` : ''
  switch (wait.kind) {
    case 'duration':
      return `wait ${durationText(plan, wait.duration)}`
    case 'until':
      return `wait until ${templateText(plan, wait.time)}`
    case 'signal': {
      const where = wait.where === undefined ? '' : ` where ${expressionText(plan, wait.where)}`
      return `wait for signal ${wait.signal}${where}${atMost}`
    }
    case 'condition':
      return `wait for ${expressionText(plan, wait.condition)}${atMost}`
  }
}

export function joinText(plan: Plan, join: ParallelJoin): string {
  return join.kind === 'atLeast' ? `at least ${templateText(plan, join.count)}` : join.kind
}

export function retryText(retry: RetrySettings | false | undefined): string | undefined {
  if (retry === undefined) return undefined
  if (retry === false) return 'no retry'
  if (retry.maximumAttempts === undefined) return 'retry'
  return retry.maximumAttempts === 0 ? 'retry without limit' : `at most ${retry.maximumAttempts} attempts`
}

/** Error types of a `catch`: without any, everything but `Canceled`. */
export function errorsText(errors: readonly string[] | undefined): string {
  return errors === undefined || errors.includes('*') ? 'any error' : errors.join(', ')
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Cut to so many characters, with `…` where something is missing. */
export function shorten(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters - 1).trimEnd()}…`
}
