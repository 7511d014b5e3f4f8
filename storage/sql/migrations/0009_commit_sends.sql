-- The turn commit of 0002, with what turns send to others (keeps I8): children, the next run of a chain, messages,
-- answers, events for the outbox. `p_sends` is null in nearly every commit, which costs its null checks.
--
-- Returns the turns that were rejected, and as `told` the runs that got a message, with their owners. A single row
-- `fenced` or `again` says that nothing was written; `again`: a run closed between the look for it and its lock, and
-- its execution has another open run, which cannot be locked in order any more.
--
-- Lock order, the same in every function here, so that crossing commits, messages and takeovers cannot deadlock:
--   1. the node's own row, FOR KEY SHARE
--   2. runs, FOR NO KEY UPDATE, by run_id: those that change, those that send, those that are sent to
--   3. history rows of runs that this node owns (nobody else waits for them, but a second writer that is to fail)
--   4. start requests, by (namespace, request_id)
--   5. new open runs, of starts and of children, by (namespace, workflow_id)
--   6. all else, of runs locked or made above
-- Starts and children come before closes: one that waits for another node's close of the same workflow id would
-- otherwise hold ids that the other node's may wait for. The next run of a chain comes after the close that frees its
-- id, and waits for nobody: from before that close to the end of this transaction the id is taken for all others, so
-- none of them can hold it; they wait here, or find it taken.

drop function commit_turns(integer, integer, json, json, json, json, json, json, json, json);

create function commit_turns(
  p_node integer,
  p_turn_count integer,  -- elements of p_turns: counting them here would read all events once more
  p_turns json,      -- [{ r run, f first event id, n events, m last message seen, or null where the run goes on, e events }]
  p_empty json,      -- [{ r, m }]: turns without events
  p_starts json,     -- [{ r, i namespace, w workflow id, k workflow, v version, t started at, o owned, u id reuse, q request, a memo, b search attributes, f first run, l parent link }]
  p_births json,     -- [{ r, n, e }]: the first turns of p_starts, apart, because those are read again and again
  p_changes json,    -- [{ r, s status, t closed at or wake at, x outcome }]
  p_taken json,      -- [{ r, q seq }]
  p_ended json,      -- [{ r, a activity id }]
  p_snapshots json,  -- [{ r, f event id, v state version, d plan digest, s state }]
  -- Each list is left out where it is empty; p is the run that sends, y and z what it is told:
  --   p  [run]: all of them
  --   c  [{ p, o 0 or 2, r, i, w, k, v, t, a, b, f, l parent link, n messages, x [message], y when born, z when taken, h at }]: children,
  --      o 2 where p is a start of this commit: its children come after all starts, those of others before
  --   s  the same without y and z: the next run of a run that continues as new
  --   m  [{ p, i namespace, w workflow id, r run, f first run, x message, y when accepted, z when not found, t at }]
  --   a  [{ p, i message id, a answer }]
  --   o  [{ p, k key, s sink, i namespace, e event, t due at }]
  --   n  [{ p, x message to itself, t at }]
  p_sends json
) returns table (rejected uuid, reason text, existing uuid, is_open boolean, told_owner integer)
language plpgsql as $$
declare
  -- Runs whose turn was rejected. `v_any` spares the look where there is none.
  v_bad uuid[] := '{}';
  v_any boolean := false;
  v_count integer;
  v_good uuid[];
  v_more uuid[];
  v_reset boolean;
  v_children json;
  v_messages json;
  -- Of v_messages, as they were when they were locked.
  v_targets uuid[];
  -- Runs that are made here.
  v_made uuid[] := '{}';
begin
  -- keeps I10: a takeover waits here for this commit, or this commit finds the node dead.
  perform 1 from node where node_id = p_node and is_live for key share;
  if not found then
    return query select null::uuid, 'fenced', null::uuid, null::boolean, null::integer;
    return;
  end if;

  v_reset := exists (select 1 from run where takeovers > 0 and status = 0 limit 1);
  if p_sends is not null then
    v_children := p_sends -> 'c';
    v_messages := p_sends -> 'm';
    v_targets := send_targets(v_messages);
    perform 1 from run
      where run_id = any (array(
        select x.r from json_to_recordset(p_changes) x(r uuid)
        union select x.r from json_to_recordset(case when v_reset then p_turns end) x(r uuid)
        union select x.p::uuid from json_array_elements_text(p_sends -> 'p') x(p)
        union select unnest(v_targets)))
      order by run_id for no key update;
    if v_messages is not null and exists (
      select 1 from unnest(v_targets, send_targets(v_messages)) x(before, now) where x.before <> x.now)
    then
      return query select null::uuid, 'again', null::uuid, null::boolean, null::integer;
      return;
    end if;
  elsif v_reset then
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
          null::uuid, null::boolean, null::integer
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
          null::uuid, null::boolean, null::integer
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
        select s.r, 'duplicateRequest', d.run_id, null::boolean, null::integer
        from json_to_recordset(p_starts) s(r uuid, i text, q text)
        join start_request d on d.namespace = s.i and d.request_id = s.q
        where s.r = any (v_more);
    end if;

  end if;

  -- Starts and children in one statement, because the order is one. A child of a start is born before that start is
  -- known to stand; where it does not, the child goes below.
  if v_children is not null then
    with born as (
      insert into run (run_id, namespace, workflow_id, owner, wake_at, first_run, msg_seq)
        select x.r, x.i, x.w, x.owner, x.wake_at, x.f, x.n
        from (
          select s.r, s.i, s.w, case when s.o then p_node end, case when not s.o then to_time(s.t) end, s.f, 0, 1, s.place
          from rows from (
              json_to_recordset(p_starts) as (r uuid, i text, w text, o boolean, t double precision, f uuid))
            with ordinality s(r, i, w, o, t, f, place)
          where not v_any or s.r <> all (v_bad)
          union all
          select c.r, c.i, c.w, null, to_time(c.t), c.f, c.n, c.o, c.place
          from rows from (
              json_to_recordset(v_children)
                as (p uuid, o integer, r uuid, i text, w text, t double precision, f uuid, n integer))
            with ordinality c(p, o, r, i, w, t, f, n, place)
          where not v_any or c.p <> all (v_bad)) x(r, i, w, owner, wake_at, f, n, rank, place)
        order by x.i, x.w, x.rank, x.place
        on conflict do nothing
        returning run_id)
      select coalesce(array_agg(born.run_id), '{}') into v_made from born;
    v_good := array(select s.r from json_to_recordset(p_starts) s(r uuid) where s.r = any (v_made));
  elsif p_starts is not null then
    with born as (
      insert into run (run_id, namespace, workflow_id, owner, wake_at, first_run)
        select s.r, s.i, s.w, case when s.o then p_node end, case when not s.o then to_time(s.t) end, s.f
        from rows from (
            json_to_recordset(p_starts) as (r uuid, i text, w text, o boolean, t double precision, f uuid))
          with ordinality s(r, i, w, o, t, f, place)
        where not v_any or s.r <> all (v_bad)
        order by s.i, s.w, s.place
        on conflict do nothing
        returning run_id)
      select coalesce(array_agg(born.run_id), '{}') into v_good from born;
    v_made := v_good;
  end if;

  if p_starts is not null then

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
              (select e.run_id from execution e
                where e.namespace = s.i and e.workflow_id = s.w
                order by e.started_at desc, e.status = 6, e.run_id desc limit 1)),
            true, null::integer
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
            order by e.started_at desc, e.status = 6, e.run_id desc limit 1) l
        where s.r = any (v_good)
          and (s.u = 'reject' or (s.u = 'allowFailedOnly' and l.status in (1, 6))))
      select coalesce(array_agg(r), '{}') into v_more from refused;
      if cardinality(v_more) > 0 then
        v_bad := v_bad || v_more;
        v_any := true;
        return query
          select s.r, 'exists', l.run_id, false, null::integer
          from json_to_recordset(p_starts) s(r uuid, i text, w text),
            lateral (
              select e.run_id from execution e
              where e.namespace = s.i and e.workflow_id = s.w and e.status <> 0
              order by e.started_at desc, e.status = 6, e.run_id desc limit 1) l
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
        (run_id, namespace, workflow_id, workflow, version, started_at, request_id, memo, search_attributes,
          parent_workflow_id, parent_run, parent_child_id)
      select s.r, s.i, s.w, s.k, s.v, to_time(s.t), s.q, s.a, s.b,
        s.l ->> 'workflowId', (s.l ->> 'runId')::uuid, (s.l ->> 'childId')::integer
      from json_to_recordset(p_starts)
        s(r uuid, i text, w text, k text, v text, t double precision, q text, a json, b json, l json)
      where not v_any or s.r <> all (v_bad);
    insert into history (run_id, first_event_id, event_count, events)
      select s.r, 1, s.n, s.e
      from json_to_recordset(p_births) s(r uuid, n integer, e json)
      where not v_any or s.r <> all (v_bad);
  end if;

  if v_children is not null then
    if v_any then
      -- Those whose parent was rejected go, and whom they or a refused start kept out of an id comes in. No other
      -- transaction can have that id meanwhile: it waits for this one.
      v_more := array(
        select c.r from json_to_recordset(v_children) c(p uuid, r uuid)
        where c.p = any (v_bad) and c.r = any (v_made));
      delete from run where run_id = any (v_more);
      with freed as materialized (
          select c.i, c.w from json_to_recordset(v_children) c(r uuid, i text, w text) where c.r = any (v_more)
          union
          select s.i, s.w from json_to_recordset(p_starts) s(r uuid, i text, w text)
          where s.r = any (v_made) and s.r = any (v_bad)),
        born as (
          insert into run (run_id, namespace, workflow_id, wake_at, first_run, msg_seq)
            select c.r, c.i, c.w, to_time(c.t), c.f, c.n
            from rows from (
                json_to_recordset(v_children)
                  as (p uuid, r uuid, i text, w text, t double precision, f uuid, n integer))
              with ordinality c(p, r, i, w, t, f, n, place)
            where c.p <> all (v_bad) and c.r <> all (v_made) and (c.i, c.w) in (select i, w from freed)
            order by c.i, c.w, c.place
            on conflict do nothing
            returning run_id)
        select array(select x.r from unnest(v_made) x(r) where x.r <> all (v_more) and x.r <> all (v_bad))
            || coalesce(array_agg(born.run_id), '{}')
          into v_made from born;
    end if;
    perform furnish_runs(v_children, v_made);
  end if;

  if p_sends is not null and p_sends -> 'a' is not null then
    -- Before the closes, which lose the answers that are still awaited. The first answer stands.
    insert into answer as k (first_run, message_id, run_id, state, answer)
      select distinct on (l.first_run, x.i) l.first_run, x.i, x.p, 1, x.a
      from rows from (json_to_recordset(p_sends -> 'a') as (p uuid, i text, a json))
          with ordinality x(p, i, a, place),
        lateral (
          select coalesce(run.first_run, run.run_id) as first_run from run where run.run_id = x.p offset 0) l
      where not v_any or x.p <> all (v_bad)
      order by l.first_run, x.i, x.place
      on conflict (first_run, message_id) do update set state = 1, answer = excluded.answer
        where k.state <> 1;
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
      if exists (select 1 from answer where state = 0 limit 1) then
        update answer set state = 2 where run_id = any (v_more) and state = 0;
      end if;
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

  if p_sends is not null then
    return query
      select t.told, 'told', null::uuid, null::boolean, t.told_owner
      from deliver_sends(p_sends, v_bad, v_targets, v_made) t;
  end if;
end $$;
