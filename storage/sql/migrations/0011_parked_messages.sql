-- A parked run that got a message since it was last looked at can be found (keeps I5): the message may end it, and
-- whoever was told of it may have died since. `wake_at` of a parked run says so: every message sets it, a hand-over
-- does, and parking clears it where the parker has seen the last message.

create index run_parked on run (wake_at)
  where owner is null and status = 0 and parked is not null and wake_at is not null;

-- Runs that were parked before this migration are looked at once.
update run set wake_at = to_time(0) where status = 0 and parked is not null;

drop function park_run(integer, uuid, text);

create function park_run(p_node integer, p_run uuid, p_reason text, p_seen_message integer)
returns void language plpgsql as $$
begin
  perform 1 from node where node_id = p_node and is_live for key share;  -- keeps I10
  if found then
    update run set
        owner = null, parked = p_reason,
        wake_at = case when msg_seq > p_seen_message then to_time(0) end
      where run_id = p_run and status = 0 and owner = p_node;
  end if;
end $$;

create function claim_parked_runs(p_node integer, p_limit integer)
returns setof uuid language plpgsql as $$
declare
  v_runs uuid[];
begin
  perform 1 from node where node_id = p_node and is_live for key share;  -- keeps I10
  if not found then
    return;
  end if;
  v_runs := array(
    select run_id from run
    where owner is null and status = 0 and parked is not null and wake_at is not null
    order by wake_at limit p_limit for no key update skip locked);
  if cardinality(v_runs) > 0 then
    update run set owner = p_node where run_id = any (v_runs);
    return query select unnest(v_runs);
  end if;
end $$;
