/** What a step's node says: its label and the lines below it. Owns the words per verb; the flow between steps is `graph/flow.ts`. */

import type { Plan, PlanStep } from '../plan.ts'
import { durationText, joinText, retryText, templateText, waitText } from './text.ts'

export interface StepDescription {
  readonly label: string
  readonly detail: readonly string[]
}

export function describeStep(plan: Plan, step: PlanStep): StepDescription {
  const detail = [...detailOf(plan, step)]
  if (step.timeout !== undefined) detail.push(`timeout ${durationText(plan, step.timeout)}`)
  const [first, ...rest] = detail
  // What runs says more than the name of its verb.
  if (!step.named && (step.verb === 'activity' || step.verb === 'workflow') && first !== undefined)
    return { label: first, detail: rest }
  return { label: step.named ? step.id : step.verb, detail }
}

function detailOf(plan: Plan, step: PlanStep): readonly string[] {
  switch (step.verb) {
    case 'activity':
      return [step.versionRange === undefined ? step.activity : `${step.activity}@${step.versionRange}`]
    case 'workflow': {
      const range = step.versionRange === undefined ? '' : ` ${templateText(plan, step.versionRange)}`
      return [`workflow ${step.workflow}${range}${step.detached ? ', detached' : ''}`]
    }
    case 'do': {
      const saga =
        step.saga === undefined ? undefined : step.saga.order === 'parallel' ? 'saga, parallel' : 'saga'
      return [saga, retryText(step.retry)].filter((text) => text !== undefined)
    }
    case 'switch':
    case 'try':
    case 'while':
    case 'until':
    case 'states':
      return []
    case 'parallel':
      return step.join.kind === 'all' ? [] : [`join ${joinText(plan, step.join)}`]
    case 'forEach': {
      const atOnce =
        step.concurrency === undefined ? undefined : `${templateText(plan, step.concurrency)} at once`
      const tolerate =
        step.tolerate === undefined
          ? undefined
          : `tolerates ${step.tolerate.value}${step.tolerate.kind === 'percent' ? '%' : ''}`
      return [atOnce, tolerate].filter((text) => text !== undefined)
    }
    case 'wait':
      return [waitText(plan, step.for)]
    case 'set':
      return step.assignments.map(([name, value]) => `${name} = ${templateText(plan, value)}`)
    case 'signal':
      return [`signal ${step.name}`, `to ${templateText(plan, step.workflowId)}`]
    case 'emit':
      return [`emit ${templateText(plan, step.type)}`]
    case 'fail':
      return [step.failure.kind === 'rethrow' ? 'rethrow' : templateText(plan, step.failure.type)]
    case 'return':
      return [templateText(plan, step.value)]
    case 'continueAsNew':
      return step.version === undefined ? ['next run'] : [`next run at ${templateText(plan, step.version)}`]
  }
}
