-- Messages as in 0004, and those that are to be answered: an answer is kept under their id, once per chain of runs.
-- A refused one leaves no trace, so it may be sent again. Lock order: runs by run_id, then what hangs on them.
--
-- A single row `again` says that nothing was written: a run closed between the look for it and its lock, and its
-- execution has another open run. Following it here would lock runs out of order.
drop function send_messages(json, double precision);

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
        order by e.started_at desc, e.run_id desc limit 1))
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
    order by m.place
  loop
    place := v_message.place;
    select run.run_id, run.owner, run.status, run.msg_seq, run.wake_at,
        coalesce(run.first_run, run.run_id) as first_run
      into v_run
      from run where run.run_id = v_message.target;
    if not found then
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
      insert into inbox (run_id, seq, payload) values (v_run.run_id, v_run.msg_seq + 1, v_message.p);
      update run set
          msg_seq = v_run.msg_seq + 1,
          wake_at = case when v_run.owner is null then least(v_run.wake_at, to_time(p_now)) else v_run.wake_at end
        where run.run_id = v_run.run_id;
    end if;
    return next;
  end loop;
end $$;
