-- A run that is not heard must not grow without bound: who sends to one says how much it may have before it (`l`,
-- the limit pendingMessages), and is refused beyond.
--
-- pending: messages that the run has taken and not dealt with (buffered, queued for a handler, in one), as its last
-- turn that changed it said. What no turn has taken yet stands in the inbox, so the two together are all of them.
alter table run add column pending integer not null default 0;

-- As in 0008, and `full`: refused for that limit. What is a duplicate is told so first.
create or replace function send_messages(
  p_messages json,  -- [{ i namespace, w workflow id, r run or null, p payload, d key or null, a message id or null, l limit or null }]
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
  -- What it has not dealt with; null: not counted yet.
  v_pending integer;
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
    select m.place, m.p, m.d, m.a, m.l, v_targets[m.place] as target
    from rows from (json_to_recordset(p_messages) as (p json, d text, a text, l integer))
      with ordinality m(p, d, a, l, place)
    order by target, m.place
  loop
    place := v_message.place;
    if v_current is distinct from v_message.target then
      perform tell_run(v_current, v_seq, p_now);
      v_current := v_message.target;
      select run.run_id, run.owner, run.status, run.msg_seq, run.pending, coalesce(run.first_run, run.run_id) as first_run
        into v_run
        from run where run.run_id = v_current;
      v_found := found;
      v_seq := v_run.msg_seq;
      v_pending := null;
    end if;
    if not v_found then
      outcome := 'notFound'; run_id := null; first_run := null; owner := null; status := null;
      return next;
      continue;
    end if;
    -- A run that has had few messages is not full, and nobody need count.
    if v_message.l is not null and v_run.pending + v_seq >= v_message.l and v_pending is null then
      v_pending := v_run.pending + (select count(*) from inbox where inbox.run_id = v_run.run_id);
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
    elsif v_pending >= v_message.l then
      outcome := 'full';
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
      v_pending := v_pending + 1;
      insert into inbox (run_id, seq, payload) values (v_run.run_id, v_seq, v_message.p);
    end if;
    return next;
  end loop;
  perform tell_run(v_current, v_seq, p_now);
end $$;

-- As in 0008, and of p_sends:
--   q  [{ p, n pending of that run }]
--   m  also l limit and b when full
-- The rows of `q` are locked as senders.
create or replace function deliver_sends(
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
  -- Which messages find their target full.
  v_full boolean[];
begin
  if p_sends -> 'q' is not null then
    update run set pending = x.n
      from json_to_recordset(p_sends -> 'q') x(p uuid, n integer)
      where run.run_id = x.p and x.p <> all (p_bad);
  end if;

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
    v_full := array(
      select m.l is not null and v_reached[m.place] is not null and m.p <> all (p_bad)
        and (
          select run.pending + case
              when run.pending + run.msg_seq + m.earlier < m.l then run.msg_seq
              else (select count(*) from inbox where inbox.run_id = run.run_id) end
          from run where run.run_id = v_reached[m.place]) + m.earlier >= m.l
      from (
        select m.p, m.l, m.place, count(m.l) filter (where m.p <> all (p_bad))
            over (partition by v_reached[m.place] order by m.place rows between unbounded preceding and 1 preceding)
            as earlier
        from rows from (json_to_recordset(v_messages) as (p uuid, l integer))
          with ordinality m(p, l, place)) m
      order by m.place);
  end if;
  return query
    with posts as (
      select v_reached[m.place] as r, m.x, m.t, 1 as rank, m.place
        from rows from (json_to_recordset(v_messages) as (p uuid, x json, t double precision))
          with ordinality m(p, x, t, place)
        where v_reached[m.place] is not null and not v_full[m.place] and m.p <> all (p_bad)
      union all
      select c.p, case when exists (select 1 from run where run.run_id = c.r) then c.y else c.z end, c.h, 2, c.place
        from rows from (
            json_to_recordset(p_sends -> 'c') as (p uuid, r uuid, y json, z json, h double precision))
          with ordinality c(p, r, y, z, h, place)
        where c.p <> all (p_bad)
      union all
      select m.p, case when v_reached[m.place] is null then m.z when v_full[m.place] then m.w else m.y end,
          m.t, 3, m.place
        from rows from (json_to_recordset(v_messages) as (p uuid, y json, z json, b json, t double precision))
          with ordinality m(p, y, z, w, t, place)
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
