-- The turn commit: up to 128 turns of as many runs in one call, so one round trip, one transaction, one fsync.
-- At READ COMMITTED each statement sees what the ones before it and other transactions have committed. (One statement
-- with many CTEs looks the same and loses data: two CTEs that update one row apply once, in silence.)
--
-- Returns the turns that were rejected; a single row `fenced` says that nothing was written.
--
-- Lock order, the same in every function here, so that crossing commits, messages and takeovers cannot deadlock:
--   1. the node's own row, FOR KEY SHARE
--   2. runs, FOR NO KEY UPDATE, by run_id
--   3. history rows of runs that this node owns (nobody else waits for them, but a second writer that is to fail)
--   4. start requests, by (namespace, request_id)
--   5. new open runs, by (namespace, workflow_id)
--   6. all else, of runs locked or made above
-- Starts come before closes: a start that waits for another node's close of the same workflow id would otherwise
-- hold ids that the other node's starts may wait for.
create function commit_turns(
  p_node integer,
  p_turn_count integer,  -- elements of p_turns: counting them here would read all events once more
  p_turns json,      -- [{ r run, f first event id, n events, m last message seen, or null where the run goes on, e events }]
  p_empty json,      -- [{ r, m }]: turns without events
  p_starts json,     -- [{ r, i namespace, w workflow id, k workflow, v version, t started at, o owned, u id reuse, q request, a memo, b search attributes }]
  p_births json,     -- [{ r, n, e }]: the first turns of p_starts, apart, because those are read again and again
  p_changes json,    -- [{ r, s status, t closed at or wake at, x outcome }]
  p_taken json,      -- [{ r, q seq }]
  p_ended json,      -- [{ r, a activity id }]
  p_snapshots json   -- [{ r, f event id, v state version, d plan digest, s state }]
) returns table (rejected uuid, reason text, existing uuid, is_open boolean)
language plpgsql as $$
declare
  -- Runs whose turn was rejected. `v_any` spares the look where there is none.
  v_bad uuid[] := '{}';
  v_any boolean := false;
  v_count integer;
  v_good uuid[];
  v_more uuid[];
  v_reset boolean;
begin
  -- keeps I10: a takeover waits here for this commit, or this commit finds the node dead.
  perform 1 from node where node_id = p_node and is_live for key share;
  if not found then
    return query select null::uuid, 'fenced', null::uuid, null::boolean;
    return;
  end if;

  v_reset := exists (select 1 from run where takeovers > 0 and status = 0 limit 1);
  if v_reset then
    perform 1 from run
      where run_id = any (array(
        select x.r from json_to_recordset(p_turns) x(r uuid)
        union select x.r from json_to_recordset(p_changes) x(r uuid)))
      order by run_id for no key update;
  elsif p_changes is not null then
    perform 1 from run
      where run_id = any (array(select x.r from json_to_recordset(p_changes) x(r uuid)))
      order by run_id for no key update;
  end if;

  if p_turns is not null then
    -- keeps I2 (primary key), I5 (msg_seq), I7 (status) and I10 (owner).
    with written as (
      insert into history (run_id, first_event_id, event_count, events)
        select t.r, t.f, t.n, t.e
        from json_to_recordset(p_turns) t(r uuid, f integer, n integer, m integer, e json),
          lateral (select run.owner, run.status, run.msg_seq from run where run.run_id = t.r offset 0) l
        where l.owner = p_node and l.status = 0 and (t.m is null or l.msg_seq = t.m)
        on conflict do nothing
        returning run_id)
      select coalesce(array_agg(written.run_id), '{}') into v_good from written;
    if cardinality(v_good) <> p_turn_count then
      v_bad := array(select t.r from json_to_recordset(p_turns) t(r uuid) where t.r <> all (v_good));
      v_any := true;
      return query
        select t.r,
          case when exists (
              select 1 from run
              where run.run_id = t.r and run.owner = p_node and run.status = 0 and run.msg_seq <> t.m)
            and not exists (select 1 from history h where h.run_id = t.r and h.first_event_id = t.f)
          then 'unseenMessage' else 'conflict' end,
          null::uuid, null::boolean
        from json_to_recordset(p_turns) t(r uuid, f integer, m integer)
        where t.r = any (v_bad);
    end if;
  end if;

  if p_empty is not null then
    select coalesce(array_agg(t.r), '{}') into v_more
      from json_to_recordset(p_empty) t(r uuid, m integer)
      where not exists (
        select 1 from run
        where run.run_id = t.r and run.owner = p_node and run.status = 0
          and (t.m is null or run.msg_seq = t.m));
    if cardinality(v_more) > 0 then
      v_bad := v_bad || v_more;
      v_any := true;
      return query
        select t.r,
          case when exists (
            select 1 from run
            where run.run_id = t.r and run.owner = p_node and run.status = 0 and run.msg_seq <> t.m)
          then 'unseenMessage' else 'conflict' end,
          null::uuid, null::boolean
        from json_to_recordset(p_empty) t(r uuid, m integer)
        where t.r = any (v_more);
    end if;
  end if;

  if p_starts is not null then
    insert into start_request (namespace, request_id, run_id)
      select s.i, s.q, s.r
      from rows from (json_to_recordset(p_starts) as (r uuid, i text, w text, q text))
        with ordinality s(r, i, w, q, o)
      where s.q is not null
      order by s.i, s.q, s.o
      on conflict do nothing;
    get diagnostics v_count = row_count;
    if v_count <> (select count(s.q) from json_to_recordset(p_starts) s(q text)) then
      select coalesce(array_agg(s.r), '{}') into v_more
        from json_to_recordset(p_starts) s(r uuid, i text, q text)
        join start_request d on d.namespace = s.i and d.request_id = s.q
        where d.run_id <> s.r;
      v_bad := v_bad || v_more;
      v_any := true;
      return query
        select s.r, 'duplicateRequest', d.run_id, null::boolean
        from json_to_recordset(p_starts) s(r uuid, i text, q text)
        join start_request d on d.namespace = s.i and d.request_id = s.q
        where s.r = any (v_more);
    end if;

    with born as (
      insert into run (run_id, namespace, workflow_id, owner, wake_at)
        select s.r, s.i, s.w, case when s.o then p_node end, case when not s.o then to_time(s.t) end
        from rows from (json_to_recordset(p_starts) as (r uuid, i text, w text, o boolean, t double precision))
          with ordinality s(r, i, w, o, t, place)
        where not v_any or s.r <> all (v_bad)
        order by s.i, s.w, s.place
        on conflict do nothing
        returning run_id)
      select coalesce(array_agg(born.run_id), '{}') into v_good from born;

    if v_any or cardinality(v_good) <> json_array_length(p_starts) then
      select coalesce(array_agg(s.r), '{}') into v_more
        from json_to_recordset(p_starts) s(r uuid)
        where s.r <> all (v_good) and s.r <> all (v_bad);
      if cardinality(v_more) > 0 then
        v_bad := v_bad || v_more;
        v_any := true;
        -- The open run that was in the way may have been closed since: then the latest one is named.
        return query
          select s.r,
            case when exists (select 1 from run where run.run_id = s.r) then 'conflict' else 'exists' end,
            coalesce(
              (select run.run_id from run
                where run.namespace = s.i and run.workflow_id = s.w and run.status = 0),
              (select e.run_id from execution e where e.namespace = s.i and e.workflow_id = s.w
                order by e.started_at desc, e.run_id desc limit 1)),
            true
          from json_to_recordset(p_starts) s(r uuid, i text, w text)
          where s.r = any (v_more);
      end if;
    end if;

    -- Looked at only now: holding the open id, no run of it can close in between.
    if exists (select 1 from json_to_recordset(p_starts) s(u text) where s.u <> 'allow') then
      with refused as (
        select s.r
        from json_to_recordset(p_starts) s(r uuid, i text, w text, u text),
          lateral (
            select e.run_id, e.status from execution e
            where e.namespace = s.i and e.workflow_id = s.w and e.status <> 0
            order by e.started_at desc, e.run_id desc limit 1) l
        where s.r = any (v_good)
          and (s.u = 'reject' or (s.u = 'allowFailedOnly' and l.status in (1, 6))))
      select coalesce(array_agg(r), '{}') into v_more from refused;
      if cardinality(v_more) > 0 then
        v_bad := v_bad || v_more;
        v_any := true;
        return query
          select s.r, 'exists', l.run_id, false
          from json_to_recordset(p_starts) s(r uuid, i text, w text),
            lateral (
              select e.run_id from execution e
              where e.namespace = s.i and e.workflow_id = s.w and e.status <> 0
              order by e.started_at desc, e.run_id desc limit 1) l
          where s.r = any (v_more);
        delete from run where run_id = any (v_more);
      end if;
    end if;
    if v_any then
      delete from start_request d
        using json_to_recordset(p_starts) s(r uuid, i text, q text)
        where d.namespace = s.i and d.request_id = s.q and d.run_id = s.r and s.r = any (v_bad);
    end if;

    insert into execution
        (run_id, namespace, workflow_id, workflow, version, started_at, request_id, memo, search_attributes)
      select s.r, s.i, s.w, s.k, s.v, to_time(s.t), s.q, s.a, s.b
      from json_to_recordset(p_starts)
        s(r uuid, i text, w text, k text, v text, t double precision, q text, a json, b json)
      where not v_any or s.r <> all (v_bad);
    insert into history (run_id, first_event_id, event_count, events)
      select s.r, 1, s.n, s.e
      from json_to_recordset(p_births) s(r uuid, n integer, e json)
      where not v_any or s.r <> all (v_bad);
  end if;

  if p_changes is not null then
    update run set
        status = c.s, owner = null, takeovers = 0,
        wake_at = case when c.s = 0 then to_time(c.t) end,
        parked = case when c.s = 0 then run.parked end
      from json_to_recordset(p_changes) c(r uuid, s smallint, t double precision)
      where run.run_id = c.r and (not v_any or c.r <> all (v_bad));
    v_more := array(
      select c.r from json_to_recordset(p_changes) c(r uuid, s smallint)
      where c.s <> 0 and (not v_any or c.r <> all (v_bad)));
    if cardinality(v_more) > 0 then
      update execution set status = c.s, closed_at = to_time(c.t),
          outcome = coalesce(c.x, 'null') -- a recordset gives a JSON null as no value
        from json_to_recordset(p_changes) c(r uuid, s smallint, t double precision, x json)
        where execution.run_id = c.r and c.r = any (v_more);
      delete from attempt where run_id = any (v_more);
      delete from inbox where run_id = any (v_more);
    end if;
  end if;

  if v_reset then
    update run set takeovers = 0
      from json_to_recordset(p_turns) t(r uuid)
      where run.run_id = t.r and run.takeovers > 0 and (not v_any or t.r <> all (v_bad));
  end if;

  if p_taken is not null then
    delete from inbox using json_to_recordset(p_taken) x(r uuid, q integer)
      where inbox.run_id = x.r and inbox.seq = x.q and (not v_any or x.r <> all (v_bad));
  end if;

  if p_ended is not null then
    delete from attempt using json_to_recordset(p_ended) x(r uuid, a integer)
      where attempt.run_id = x.r and attempt.activity_id = x.a and (not v_any or x.r <> all (v_bad));
  end if;

  if p_snapshots is not null then
    insert into snapshot (run_id, event_id, state_version, plan_digest, state)
      select x.r, x.f, x.v, x.d, x.s
      from json_to_recordset(p_snapshots) x(r uuid, f integer, v integer, d text, s json)
      where not v_any or x.r <> all (v_bad)
      on conflict (run_id) do update
        set event_id = excluded.event_id, state_version = excluded.state_version,
          plan_digest = excluded.plan_digest, state = excluded.state
        where snapshot.event_id <= excluded.event_id;
  end if;
end $$;
