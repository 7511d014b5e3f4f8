/**
 * What other runs take and give, as far as it is known: children's names, versions and inputs, the next run's input, the
 * run's own result. Owns these findings; called by `load.ts`.
 */
import { validRange } from 'semver'
import type { Draft } from '../compile/draft.ts'
import { schemaOf } from '../compile/messages.ts'
import { absentInput } from '../input.ts'
import type { JsonSchema } from '../json.ts'
import { childOf, type KnownWorkflows } from '../known-workflows.ts'
import type { ContinueAsNewStep, Template, WorkflowStep } from '../plan.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import { at, type Cursor, textOf } from '../source/cursor.ts'
import type { KnownTypes } from './known-types.ts'
import { checkTemplateSchema } from './template-schema.ts'

const workflowName = /^[a-z][a-z0-9]*([-.][a-z0-9]+)*$/

export function checkOtherRuns(
  draft: Draft,
  root: Cursor,
  workflows: KnownWorkflows | undefined,
  types: KnownTypes,
): void {
  const input = schemaOf(at(root, 'input'))
  const output = schemaOf(at(root, 'output'))
  for (const step of draft.steps.values()) {
    const cursor = draft.stepCursors.get(step.id)
    if (step.verb === 'workflow') checkChild(draft, step, cursor, workflows, types)
    else if (step.verb === 'continueAsNew') checkNextRun(draft, cursor, step, input, types)
    else if (step.verb === 'return') checkResult(draft, at(cursor, 'return'), step.value, output, types)
    else if (step.verb === 'states') {
      for (const [name, { ending }] of Object.entries(step.states)) {
        const written = at(at(cursor, name), 'return')
        if (ending?.kind === 'return')
          checkResult(draft, written ?? at(cursor, name), ending.value, output, types)
      }
    }
  }
}

function checkChild(
  draft: Draft,
  step: WorkflowStep,
  cursor: Cursor | undefined,
  workflows: KnownWorkflows | undefined,
  types: KnownTypes,
): void {
  const name = at(cursor, 'workflow')
  if (name === undefined) return
  if (!workflowName.test(step.workflow)) {
    // Of a template its shape has told.
    if (step.workflow.includes('${')) return
    const [bare = '', range] = step.workflow.split('@')
    const suggestion =
      range !== undefined && workflowName.test(bare)
        ? `write workflow: ${bare} and version: ${range}`
        : 'workflows are named as in `name`: small letters, digits, - and .'
    draft.report('bad-name', name, `"${step.workflow}" is not the name of a workflow`, suggestion)
    return
  }
  if (workflows === undefined) return
  if (!workflows.has(step.workflow)) {
    const meant = didYouMean(step.workflow, workflows.keys())
    const suggestion = meant === undefined ? undefined : `did you mean \`${meant}\`?`
    draft.report('workflow-not-known', name, `no workflow "${step.workflow}" is known here`, suggestion)
    return
  }
  const child = childOf(workflows, step)
  const range = at(cursor, 'version')
  if (child !== undefined) {
    const given = step.input ?? { kind: 'constant', value: absentInput(child.input) }
    checkTemplateSchema(draft, given, at(cursor, 'input') ?? name, {
      code: 'child-input-invalid',
      what: `the input of "${child.name}" ${child.version}`,
      schema: child.input,
      types,
    })
  } else if (range !== undefined && validRange(textOf(range) ?? '') !== null) {
    const versions = (workflows.get(step.workflow) ?? []).map(({ version }) => version).join(', ')
    const message = `no version of "${step.workflow}" known here is in "${textOf(range) ?? ''}"`
    draft.report('workflow-not-known', range, message, `known are ${versions}`)
  }
}

/** With another version the input has another schema. */
function checkNextRun(
  draft: Draft,
  cursor: Cursor | undefined,
  step: ContinueAsNewStep,
  schema: JsonSchema | undefined,
  types: KnownTypes,
): void {
  if (step.input === undefined || step.version !== undefined) return
  checkTemplateSchema(draft, step.input, at(at(cursor, 'continueAsNew'), 'input'), {
    code: 'next-input-invalid',
    what: 'the input of the next run',
    schema,
    types,
  })
}

function checkResult(
  draft: Draft,
  cursor: Cursor | undefined,
  value: Template,
  schema: JsonSchema | undefined,
  types: KnownTypes,
): void {
  checkTemplateSchema(draft, value, cursor, {
    code: 'result-invalid',
    what: 'the result',
    schema,
    types,
  })
}
