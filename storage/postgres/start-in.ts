/**
 * A new run inside a transaction of the caller's, on a connection of the caller's: it is there when that commits, and
 * never was where it rolls back. Owns the one statement that makes it, and what was in its way.
 *
 * The names are those of our schema, whatever the caller's search path is. Whoever starts the same workflow id
 * meanwhile waits for the caller's transaction, so that should be short.
 */
import type { CallerConnection, StartInVerdict, UnstartedRun } from '../contract.ts'

/** One statement, so that also outside of a transaction there never is a run without its first message. */
function startStatement(schema: string): string {
  const at = `"${schema.replaceAll('"', '""')}"`
  return `
    with asked as (
      insert into ${at}.start_request (namespace, request_id, run_id)
        select $2::text, $7::text, $1::uuid where $7::text is not null
        on conflict do nothing
        returning run_id),
    born as (
      insert into ${at}.run (run_id, namespace, workflow_id, wake_at, msg_seq)
        select $1::uuid, $2::text, $3::text, ${at}.to_time($6::double precision), json_array_length($10::json)
        where ($7::text is null or exists (select 1 from asked))
          and ($11::text = 'allow' or not coalesce((
            select $11::text = 'reject' or l.status in (1, 6)
            from ${at}.execution l
            where l.namespace = $2::text and l.workflow_id = $3::text and l.status <> 0
            order by l.started_at desc, l.status = 6, l.run_id desc limit 1), false))
        on conflict do nothing
        returning run_id),
    shown as (
      insert into ${at}.execution
          (run_id, namespace, workflow_id, workflow, version, started_at, request_id, memo, search_attributes)
        select born.run_id, $2::text, $3::text, $4::text, $5::text, ${at}.to_time($6::double precision), $7::text,
          $8::json, $9::json
        from born),
    told as (
      insert into ${at}.inbox (run_id, seq, payload)
        select born.run_id, x.seq, x.payload
        from born, json_array_elements($10::json) with ordinality x(payload, seq))
    select born.run_id::text as run, pg_notify($12::text, $13::text)::text from born`
}

/** Who has the request id or the workflow id. What was noted of the request by the start that failed goes. */
function existingStatement(schema: string): string {
  const at = `"${schema.replaceAll('"', '""')}"`
  return `
    with gone as (
      delete from ${at}.start_request where namespace = $2::text and request_id = $4::text and run_id = $1::uuid)
    select x.kind, e.run_id::text as run, e.workflow_id as workflow, e.version
    from (
      select 1 as rank, 'requested' as kind, d.run_id from ${at}.start_request d
        where d.namespace = $2::text and d.request_id = $4::text and d.run_id <> $1::uuid
      union all
      select 2, 'open', run.run_id from ${at}.run
        where run.namespace = $2::text and run.workflow_id = $3::text and run.status = 0
      union all
      (select 3, 'closed', l.run_id from ${at}.execution l
        where l.namespace = $2::text and l.workflow_id = $3::text and l.status <> 0
        order by l.started_at desc, l.status = 6, l.run_id desc limit 1)) x(rank, kind, run_id)
      join ${at}.execution e on e.run_id = x.run_id
    order by x.rank limit 1`
}

/** `hint` goes out when the caller's transaction commits. */
export async function startIn(
  connection: CallerConnection,
  { runId, run, inbox }: UnstartedRun,
  { schema, hint }: { readonly schema: string; readonly hint: { channel: string; payload: string } },
): Promise<StartInVerdict> {
  const { namespace, workflowId, requestId } = run
  const { rows } = await connection.query(startStatement(schema), [
    runId,
    namespace,
    workflowId,
    run.workflow,
    run.version,
    run.startedAt,
    requestId,
    run.memo,
    run.searchAttributes,
    `[${inbox.join(',')}]`,
    run.idReuse,
    hint.channel,
    hint.payload,
  ])
  if (rows.length > 0) return { kind: 'born' }
  const found = await connection.query(existingStatement(schema), [runId, namespace, workflowId, requestId])
  const row = found.rows[0]
  return row === undefined ? { kind: 'vanished' } : verdictOf(row)
}

function verdictOf(row: unknown): StartInVerdict {
  const { kind, run, workflow, version } = row as { readonly [column: string]: unknown }
  if (kind !== 'requested' && kind !== 'open' && kind !== 'closed')
    throw new Error(
      'the connection of startIn answers in a form that is not known here: give a client of `pg`',
    )
  return { kind, existing: { runId: String(run), workflowId: String(workflow), version: String(version) } }
}
