-- Messages as in 0004, and those that are to be answered: an answer is kept under their id, once per chain of runs.
-- A refused one leaves no trace, so it may be sent again. Lock order: runs by run_id, then what hangs on them.
--
-- A single row `again` says that nothing was written: a run closed between the look for it and its lock, and its
-- execution has another open run. Following it here would lock runs out of order.
drop function send_messages(json, double precision);

-- A locked run has messages up to this one.
create function tell_run(p_run uuid, p_seq integer, p_now double precision) returns void language sql as $$
  update run set
      msg_seq = p_seq,
      wake_at = case when owner is null then least(wake_at, to_time(p_now)) else wake_at end
    where run_id = p_run and msg_seq < p_seq
$$;

create function send_messages(
  p_messages json,  -- [{ i namespace, w workflow id, r run or null, p payload, d key or null, a message id or null }]
  p_now double precision
) returns table (
  place bigint, outcome text, run_id uuid, first_run uuid, owner integer, status smallint
) language plpgsql as $$
#variable_conflict use_column
declare
  v_targets uuid[];
  v_is_closed boolean;
  v_message record;
  v_run record;
  -- Run by run: a row that changed a hundred times in one transaction would be looked for through a hundred versions.
  v_current uuid;
  v_found boolean := false;
  v_seq integer;
begin
  -- One target per message, null where there is none.
  v_targets := array(
    select coalesce(
      (select run.run_id from run
        where m.r is not null and run.run_id = m.r and run.namespace = m.i and run.workflow_id = m.w),
      (select run.run_id from run
        where m.r is null and run.namespace = m.i and run.workflow_id = m.w and run.status = 0),
      (select e.run_id from execution e
        where m.r is null and e.namespace = m.i and e.workflow_id = m.w
        order by e.started_at desc, e.status = 6, e.run_id desc limit 1))
    from rows from (json_to_recordset(p_messages) as (i text, w text, r uuid))
      with ordinality m(i, w, r, place)
    order by m.place);
  select coalesce(bool_or(l.status <> 0), false) into v_is_closed
    from (
      select run.status from run
      where run.run_id = any (v_targets) order by run.run_id for no key update) l;
  if v_is_closed and exists (
    select 1
    from rows from (json_to_recordset(p_messages) as (i text, w text, r uuid))
        with ordinality m(i, w, r, place),
      lateral (
        select run.run_id from run
        where run.namespace = m.i and run.workflow_id = m.w and run.status = 0 offset 0) l
    where m.r is null and l.run_id <> v_targets[m.place])
  then
    outcome := 'again';
    return next;
    return;
  end if;

  for v_message in
    select m.place, m.p, m.d, m.a, v_targets[m.place] as target
    from rows from (json_to_recordset(p_messages) as (p json, d text, a text))
      with ordinality m(p, d, a, place)
    order by target, m.place
  loop
    place := v_message.place;
    if v_current is distinct from v_message.target then
      perform tell_run(v_current, v_seq, p_now);
      v_current := v_message.target;
      select run.run_id, run.owner, run.status, run.msg_seq, coalesce(run.first_run, run.run_id) as first_run
        into v_run
        from run where run.run_id = v_current;
      v_found := found;
      v_seq := v_run.msg_seq;
    end if;
    if not v_found then
      outcome := 'notFound'; run_id := null; first_run := null; owner := null; status := null;
      return next;
      continue;
    end if;
    run_id := v_run.run_id; first_run := v_run.first_run; owner := v_run.owner; status := v_run.status;
    if v_message.d is not null and exists (
      select 1 from message_key k where k.run_id = v_run.run_id and k.dedupe = v_message.d)
    then
      outcome := 'duplicate';
    elsif v_message.a is not null and exists (
      select 1 from answer k
      where k.first_run = v_run.first_run and k.message_id = v_message.a
        and (k.state <> 1 or k.answer ->> 'kind' is distinct from 'refused'))
    then
      outcome := 'duplicate';
    elsif v_run.status <> 0 then
      outcome := 'closed';  -- keeps I7
    else
      outcome := 'accepted';
      if v_message.d is not null then
        insert into message_key (run_id, dedupe) values (v_run.run_id, v_message.d);
      end if;
      if v_message.a is not null then
        insert into answer (first_run, message_id, run_id)
          values (v_run.first_run, v_message.a, v_run.run_id)
          on conflict on constraint answer_pkey do update
            set run_id = excluded.run_id, state = 0, answer = null;
      end if;
      v_seq := v_seq + 1;
      insert into inbox (run_id, seq, payload) values (v_run.run_id, v_seq, v_message.p);
    end if;
    return next;
  end loop;
  perform tell_run(v_current, v_seq, p_now);
end $$;

-- The parts of a commit whose turns send something; commit_turns (0009) says when each is called and in which order
-- its locks are taken.

-- The open runs that messages mean, by place; null where there is none.
create function send_targets(p_messages json)  -- [{ i namespace, w workflow id, r run or null, f first run or null }]
returns uuid[] language sql stable as $$
  select array(
    select (
      select run.run_id from run
      where run.namespace = m.i and run.workflow_id = m.w and run.status = 0
        and (m.r is null or run.run_id = m.r)
        and (m.f is null or coalesce(run.first_run, run.run_id) = m.f))
    from rows from (json_to_recordset(p_messages) as (i text, w text, r uuid, f uuid))
      with ordinality m(i, w, r, f, place)
    order by m.place)
$$;

-- The rest of runs that were just made without history: what lists show, and the inbox.
create function furnish_runs(
  p_runs json,   -- as `c` and `s` of p_sends
  p_made uuid[]
) returns void language plpgsql as $$
begin
  insert into execution
      (run_id, namespace, workflow_id, workflow, version, started_at, memo, search_attributes,
        parent_workflow_id, parent_run, parent_child_id)
    select distinct on (c.r) c.r, c.i, c.w, c.k, c.v, to_time(c.t), c.a, c.b,
      c.l ->> 'workflowId', (c.l ->> 'runId')::uuid, (c.l ->> 'childId')::integer
    from json_to_recordset(p_runs)
      c(r uuid, i text, w text, k text, v text, t double precision, a json, b json, l json)
    where c.r = any (p_made);
  insert into inbox (run_id, seq, payload)
    select c.r, x.seq, x.payload
    from json_to_recordset(p_runs) c(r uuid, x json),
      json_array_elements(c.x) with ordinality x(payload, seq)
    where c.r = any (p_made)
    on conflict do nothing;
end $$;

-- Into the inboxes of open runs that are locked or were made here; `p_times`: from when a run that waits is due.
-- Gives who got something.
create function post_messages(p_runs uuid[], p_payloads json[], p_times double precision[])
returns table (told uuid, told_owner integer) language plpgsql as $$
begin
  insert into inbox (run_id, seq, payload)
    select u.r, l.msg_seq + row_number() over (partition by u.r order by u.place), u.p
    from unnest(p_runs, p_payloads) with ordinality u(r, p, place),
      lateral (select run.status, run.msg_seq from run where run.run_id = u.r offset 0) l
    where l.status = 0;
  return query
    update run set
        msg_seq = run.msg_seq + c.n,
        wake_at = case when run.owner is null then least(run.wake_at, to_time(c.t)) else run.wake_at end
      from (
        select u.r, count(*)::integer as n, min(u.t) as t
        from unnest(p_runs, p_times) u(r, t) group by u.r) c
      where run.run_id = c.r and run.status = 0
      returning run.run_id, run.owner;
end $$;

-- What accepted turns send, once their closes are written: the next runs of chains, the outbox, messages, and what
-- the senders are told. Gives who got something.
create function deliver_sends(
  p_sends json,      -- as in commit_turns
  p_bad uuid[],      -- runs whose turn was rejected
  p_targets uuid[],  -- of `m`, as they were when they were locked
  p_made uuid[]      -- runs that this commit has made so far
) returns table (told uuid, told_owner integer) language plpgsql as $$
declare
  v_messages json := p_sends -> 'm';
  v_next uuid[];
  -- The targets as they are after all closes and births.
  v_reached uuid[];
begin
  if p_sends -> 's' is not null then
    with born as (
      insert into run (run_id, namespace, workflow_id, wake_at, first_run, msg_seq)
        select c.r, c.i, c.w, to_time(c.t), c.f, c.n
        from json_to_recordset(p_sends -> 's')
          c(p uuid, r uuid, i text, w text, t double precision, f uuid, n integer)
        where c.p <> all (p_bad)
        order by c.i, c.w
        on conflict do nothing
        returning run_id)
      select coalesce(array_agg(born.run_id), '{}') into v_next from born;
    perform furnish_runs(p_sends -> 's', v_next);
    p_made := p_made || v_next;
  end if;

  if p_sends -> 'o' is not null then
    insert into outbox (key, namespace, sink, event, due_at)
      select x.k, x.i, x.s, x.e, to_time(x.t)
      from rows from (
          json_to_recordset(p_sends -> 'o') as (p uuid, k text, i text, s text, e json, t double precision))
        with ordinality x(p, k, i, s, e, t, place)
      where x.p <> all (p_bad)
      order by x.place
      on conflict do nothing;
  end if;

  -- What was found before is locked; what was made here is ours. A run that another node has opened since is neither.
  if v_messages is not null then
    v_reached := array(
      select case when x.now = x.before or x.now = any (p_made) then x.now end
      from unnest(p_targets, send_targets(v_messages)) with ordinality x(before, now, place)
      order by x.place);
  end if;
  return query
    with posts as (
      select v_reached[m.place] as r, m.x, m.t, 1 as rank, m.place
        from rows from (json_to_recordset(v_messages) as (p uuid, x json, t double precision))
          with ordinality m(p, x, t, place)
        where v_reached[m.place] is not null and m.p <> all (p_bad)
      union all
      select c.p, case when exists (select 1 from run where run.run_id = c.r) then c.y else c.z end, c.h, 2, c.place
        from rows from (
            json_to_recordset(p_sends -> 'c') as (p uuid, r uuid, y json, z json, h double precision))
          with ordinality c(p, r, y, z, h, place)
        where c.p <> all (p_bad)
      union all
      select m.p, case when v_reached[m.place] is null then m.z else m.y end, m.t, 3, m.place
        from rows from (json_to_recordset(v_messages) as (p uuid, y json, z json, t double precision))
          with ordinality m(p, y, z, t, place)
        where m.p <> all (p_bad)
      union all
      select n.p, n.x, n.t, 4, n.place
        from rows from (json_to_recordset(p_sends -> 'n') as (p uuid, x json, t double precision))
          with ordinality n(p, x, t, place)
        where n.p <> all (p_bad)),
    lists as (
      select array_agg(posts.r order by posts.rank, posts.place) as runs,
        array_agg(posts.x order by posts.rank, posts.place) as payloads,
        array_agg(posts.t order by posts.rank, posts.place) as times
      from posts where posts.x is not null)
    select l.told, l.told_owner
      from lists, post_messages(lists.runs, lists.payloads, lists.times) l;
end $$;
