-- Messages to runs, whoever owns them: the sequence advances and the inbox row appears, or neither (keeps I5).
-- Lock order: runs by run_id, then what hangs on them. The sequence is taken under the run's row lock, so a turn that
-- closes or releases the run either waits for the message or is seen by it.
create function send_messages(
  p_messages json,  -- [{ i namespace, w workflow id, r run or null, p payload, d key or null }]
  p_now double precision
) returns table (place bigint, outcome text, run_id uuid, owner integer, status smallint)
language plpgsql as $$
#variable_conflict use_column
declare
  v_targets uuid[];
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
  perform 1 from run where run.run_id = any (v_targets) order by run.run_id for no key update;

  for v_message in
    select m.place, m.p, m.d, v_targets[m.place] as target
    from rows from (json_to_recordset(p_messages) as (p json, d text)) with ordinality m(p, d, place)
    order by m.place
  loop
    place := v_message.place;
    select run.run_id, run.owner, run.status, run.msg_seq, run.wake_at into v_run
      from run where run.run_id = v_message.target;
    if not found then
      outcome := 'notFound'; run_id := null; owner := null; status := null;
      return next;
      continue;
    end if;
    run_id := v_run.run_id; owner := v_run.owner; status := v_run.status;
    if v_message.d is not null and exists (
      select 1 from message_key k where k.run_id = v_run.run_id and k.dedupe = v_message.d)
    then
      outcome := 'duplicate';
    elsif v_run.status <> 0 then
      outcome := 'closed';  -- keeps I7
    else
      outcome := 'accepted';
      if v_message.d is not null then
        insert into message_key (run_id, dedupe) values (v_run.run_id, v_message.d);
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
