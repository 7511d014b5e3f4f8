/** What lists and descriptions show: `VisibilityStore`. Reads alone; they see what is committed. */
import type { ExecutionFilter, ExecutionSummary, VisibilityStore } from '../contract.ts'
import {
  isRunId,
  numberOf,
  numberOrNull,
  type Parameter,
  type Row,
  type SqlDatabase,
  type Statement,
  textOf,
} from './connection.ts'
import { nobody, parentLink } from './new-run.ts'
import { statusCode, statusOf } from './status.ts'

const columns = `
  e.namespace, e.workflow_id, e.run_id, e.workflow, e.version, e.status,
  to_milliseconds(e.started_at), to_milliseconds(e.closed_at), e.memo, e.search_attributes, e.outcome,
  r.parked, coalesce(r.first_run, e.run_id), ${parentLink('e')}`
const ofRun = `
  lateral (select run.parked, run.first_run from run where run.run_id = e.run_id offset 0) r`
const newestFirst = 'order by e.started_at desc, e.run_id desc'

const findRunStatement: Statement = {
  name: 'perdure_find_run',
  text: `select ${columns} from execution e, ${ofRun} where e.run_id = $3 and e.namespace = $1 and e.workflow_id = $2`,
}
const findExecutionStatement: Statement = {
  name: 'perdure_find_execution',
  text: `
    select ${columns} from execution e, ${ofRun} where e.run_id = coalesce(
      (select run.run_id from run where run.namespace = $1 and run.workflow_id = $2 and run.status = 0),
      (select l.run_id from execution l where l.namespace = $1 and l.workflow_id = $2
        order by l.started_at desc, l.status = 6, l.run_id desc limit 1))`,
}
const openRunsStatement: Statement = {
  name: 'perdure_open_runs',
  text: `
    select x.run_id
    from unnest($1::uuid[]) x(run_id),
      lateral (select run.status from run where run.run_id = x.run_id offset 0) l
    where l.status = 0`,
}
/** The turn that holds the first event asked for begins at or before it. */
const historyStatement: Statement = {
  name: 'perdure_history',
  text: `
    select first_event_id, events from history
    where run_id = $1
      and first_event_id >= coalesce(
        (select max(h.first_event_id) from history h
          where h.run_id = $1 and h.first_event_id <= $2::integer + 1), 1)
      and first_event_id + event_count > $2::integer + 1
      and first_event_id <= $3::integer
    order by first_event_id`,
}

export function sqlVisibility(database: SqlDatabase): VisibilityStore {
  return {
    async find(namespace, workflowId, runId) {
      if (runId !== undefined && !isRunId(runId)) return null
      const rows =
        runId === undefined
          ? await database.query(findExecutionStatement, [namespace, workflowId])
          : await database.query(findRunStatement, [namespace, workflowId, runId])
      return rows[0] === undefined ? null : summaryOf(rows[0])
    },

    async openOf(runIds) {
      const known = runIds.filter(isRunId)
      if (known.length === 0) return new Set()
      const rows = await database.query(openRunsStatement, [`{${known.join(',')}}`])
      return new Set(rows.map((row) => textOf(row[0])))
    },

    async list(filter, limit, after) {
      if (after !== null && !isRunId(after)) return []
      const { name, where, parts, parameters } = conditionsOf(filter)
      const page = `$${parameters.length + 1}`
      const last = `$${parameters.length + 2}`
      const before =
        after === null
          ? ''
          : `and (e.started_at, e.run_id) <
              (select a.started_at, a.run_id from execution a where a.run_id = ${last})`
      // A page of each part from its own index, then the page of them all; runs are looked up for that one alone.
      const pages = parts.map(
        (part) => `(select * from execution e where ${where} ${part} ${before} ${newestFirst} limit ${page})`,
      )
      const text = `
        select ${columns}
        from (select * from (${pages.join(' union all ')}) e ${newestFirst} limit ${page}) e, ${ofRun}
        ${newestFirst}`
      const statement = { name: `perdure_list_${name}${after === null ? '' : '_after'}`, text }
      const values = after === null ? [...parameters, limit] : [...parameters, limit, after]
      return (await database.query(statement, values)).map(summaryOf)
    },

    async count(filter) {
      const { name, where, parts, parameters } = conditionsOf(filter)
      const counts = parts.map((part) => `(select count(*) from execution e where ${where} ${part})`)
      const statement = { name: `perdure_count_${name}`, text: `select ${counts.join(' + ')}` }
      return numberOf((await database.query(statement, parameters))[0]?.[0])
    },

    async history(runId, after, limit) {
      if (!isRunId(runId)) return []
      const last = after + Math.max(limit, 1)
      const rows = await database.query(historyStatement, [runId, after, last])
      return rows.map((row) => ({ firstEventId: numberOf(row[0]), events: textOf(row[1]) }))
    },
  }
}

/** Each has an index of its own (migrations/0007), which a query is given only where its text says so. */
const shown = `and e.status <> ${statusCode('continuedAsNew')}`
const continued = `and e.status = ${statusCode('continuedAsNew')}`

/**
 * One letter names a condition in the statement's name, so each combination is prepared once. `parts`: what is asked
 * for is these, each with `where`.
 */
function conditionsOf(filter: ExecutionFilter): {
  readonly name: string
  readonly where: string
  readonly parts: readonly string[]
  readonly parameters: readonly Parameter[]
} {
  const parameters: Parameter[] = [filter.namespace]
  let name = 'n'
  let where = 'e.namespace = $1'
  const add = (letter: string, value: Parameter | undefined, condition: (place: string) => string) => {
    if (value === undefined) return
    parameters.push(value)
    name += letter
    where += ` and ${condition(`$${parameters.length}`)}`
  }
  add('w', filter.workflow, (place) => `e.workflow = ${place}`)
  add('v', filter.version, (place) => `e.version = ${place}`)
  add('c', parentOf(filter), (place) => `e.parent_run = ${place}`)
  add('i', filter.workflowId, (place) => `e.workflow_id = ${place}`)
  add('p', filter.workflowIdPrefix, (place) => `e.workflow_id ^@ ${place}::text`)
  add('a', filter.startedAfter, (place) => `e.started_at > to_time(${place})`)
  add('b', filter.startedBefore, (place) => `e.started_at < to_time(${place})`)
  const common = { where, parameters }
  if (filter.status !== undefined) {
    const code = statusCode(filter.status)
    return { ...common, name: `${name}_s${code}`, parts: [`and e.status = ${code}`] }
  }
  if (filter.workflowId !== undefined && filter.allRuns === true) return { ...common, name, parts: [''] }
  if (filter.parentRunId !== undefined) return { ...common, name, parts: [''] }
  if (filter.allRuns === true) return { ...common, name: `${name}_all`, parts: [shown, continued] }
  return { ...common, name: `${name}_shown`, parts: [shown] }
}

/** What is no run id is nobody's parent. */
function parentOf({ parentRunId }: ExecutionFilter): string | undefined {
  return parentRunId === undefined || isRunId(parentRunId) ? parentRunId : nobody
}

function summaryOf(row: Row): ExecutionSummary {
  return {
    namespace: textOf(row[0]),
    workflowId: textOf(row[1]),
    runId: textOf(row[2]),
    workflow: textOf(row[3]),
    version: textOf(row[4]),
    status: statusOf(numberOf(row[5])),
    startedAt: numberOf(row[6]),
    closedAt: numberOrNull(row[7]),
    memo: row[8] ?? null,
    searchAttributes: row[9] ?? null,
    outcome: row[10] ?? null,
    firstRunId: textOf(row[12]),
    parent: row[13] === null || row[13] === undefined ? null : JSON.parse(row[13]),
    parked: row[11] ?? null,
  }
}
