-- As in 0007, but the answers that the runs of a chain gave stay until its last run expires: a chain is one execution,
-- and an update that it took once is not taken again. What was never answered, or refused, goes with the run that took
-- the message: it is known for no longer than that.
create or replace function expire_runs(p_closed_before double precision, p_limit integer)
returns integer language plpgsql as $$
declare
  v_runs uuid[];
begin
  v_runs := array(
    select run_id from execution
    where closed_at < to_time(p_closed_before)
    order by closed_at limit p_limit for update skip locked);
  if cardinality(v_runs) > 0 then
    perform 1 from run where run_id = any (v_runs) order by run_id for update;
    delete from start_request d using execution e
      where e.run_id = any (v_runs) and d.namespace = e.namespace and d.request_id = e.request_id
        and d.run_id = e.run_id;
    delete from history where run_id = any (v_runs);
    delete from message_key where run_id = any (v_runs);
    delete from answer
      where run_id = any (v_runs) and (state <> 1 or answer ->> 'kind' is not distinct from 'refused');
    -- The last run of a chain is the one that did not continue as new (6); it closes last, so it expires last.
    delete from answer where first_run = any (array(
      select coalesce(run.first_run, run.run_id) from run where run.run_id = any (v_runs) and run.status <> 6));
    delete from inbox where run_id = any (v_runs);
    delete from snapshot where run_id = any (v_runs);
    delete from attempt where run_id = any (v_runs);
    delete from run where run_id = any (v_runs);
    delete from execution where run_id = any (v_runs);
  end if;
  -- Last, and waits for nobody.
  delete from outbox where delivery_id = any (array(
    select delivery_id from outbox where is_dead and due_at < to_time(p_closed_before)
    order by due_at limit p_limit for update skip locked));
  return cardinality(v_runs);
end $$;
