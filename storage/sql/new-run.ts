/** How a new run goes into the parameters of `commit_turns`, and how its link to a parent comes out again. */
import type { NewRun } from '../contract.ts'

/** Names no run: what a condition is given where a caller names one by a text that is no id. */
export const nobody = '00000000-0000-0000-0000-000000000000'

/** The keys of a start, of a child and of the next run of a chain, without braces. */
export function startColumns(run: NewRun): string {
  const names = JSON.stringify({
    i: run.namespace,
    w: run.workflowId,
    k: run.workflow,
    v: run.version,
    t: run.startedAt,
    o: run.owned,
    u: run.idReuse,
    q: run.requestId,
  })
  return `${names.slice(1, -1)}${lineage(run)}`
}

export function childColumns(run: NewRun): string {
  const names = JSON.stringify({
    i: run.namespace,
    w: run.workflowId,
    k: run.workflow,
    v: run.version,
    t: run.startedAt,
  })
  return `${names.slice(1, -1)}${lineage(run)}`
}

/** A JSON null in `memo` stays apart from no memo, which is left out; so are the links that nearly no run has. */
function lineage({ memo, searchAttributes, firstRunId, parent }: NewRun): string {
  let text = ''
  if (memo !== null) text += `,"a":${memo}`
  if (searchAttributes !== null) text += `,"b":${searchAttributes}`
  if (firstRunId !== null) text += `,"f":"${firstRunId}"`
  if (parent !== null) text += `,"l":${JSON.stringify(parent)}`
  return text
}

/** The `ParentLink` of a row of `execution` as JSON, null where it has none. */
export function parentLink(table: string): string {
  return `case when ${table}.parent_run is not null then json_build_object(
    'workflowId', ${table}.parent_workflow_id, 'runId', ${table}.parent_run, 'childId', ${table}.parent_child_id) end`
}
