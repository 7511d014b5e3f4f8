-- Who holds a run. Lock order as in commit_turns: the node, then runs by run_id. Claims skip what others hold, so
-- they need no order; `= any (array(…))` runs the inner query once, which `in (…)` does not promise.

-- Ids of the runs that are now this node's, first due first.
create function claim_runs(p_node integer, p_now double precision, p_limit integer, p_alone boolean)
returns setof uuid language plpgsql as $$
declare
  v_runs uuid[] := '{}';
begin
  perform 1 from node where node_id = p_node and is_live for key share;  -- keeps I10
  if not found then
    return;
  end if;
  if p_alone then
    v_runs := array(
      select run_id from run
      where owner is null and status = 0 and parked is null and takeovers >= 3
        and wake_at <= to_time(p_now)
      order by wake_at limit 1 for no key update skip locked);
  end if;
  if cardinality(v_runs) = 0 then
    v_runs := array(
      select run_id from run
      where owner is null and status = 0 and parked is null and takeovers < 3
        and wake_at <= to_time(p_now)
      order by wake_at limit p_limit for no key update skip locked);
  end if;
  if cardinality(v_runs) > 0 then
    update run set owner = p_node where run_id = any (v_runs);
    return query select unnest(v_runs);
  end if;
end $$;

-- True where the run is now this node's, or was already.
create function claim_run(p_node integer, p_run uuid, p_parked_too boolean)
returns boolean language plpgsql as $$
declare
  v_owner integer;
begin
  perform 1 from node where node_id = p_node and is_live for key share;  -- keeps I10
  if not found then
    return false;
  end if;
  select owner into v_owner from run
    where run_id = p_run and status = 0 and (parked is null or p_parked_too)
      and (owner is null or owner = p_node)
    for no key update;
  if not found then
    return false;
  end if;
  if v_owner is null then
    update run set owner = p_node where run_id = p_run;
  end if;
  return true;
end $$;

create function park_run(p_node integer, p_run uuid, p_reason text)
returns void language plpgsql as $$
begin
  perform 1 from node where node_id = p_node and is_live for key share;  -- keeps I10
  if found then
    update run set owner = null, parked = p_reason
      where run_id = p_run and status = 0 and owner = p_node;
  end if;
end $$;

-- The next attempt keeps what the last one told until it tells something itself.
create function save_attempts(p_node integer, p_rows json)
returns void language plpgsql as $$
begin
  perform 1 from node where node_id = p_node and is_live for key share;  -- keeps I10
  if not found then
    return;
  end if;
  -- FOR SHARE waits for a close under way, which deletes the attempts of its run and could not see these.
  perform 1 from run
    where run_id = any (array(select x.r from json_to_recordset(p_rows) x(r uuid)))
    order by run_id for share;
  insert into attempt (run_id, activity_id, attempt, started_at, details)
    select distinct on (x.r, x.a) x.r, x.a, x.n, to_time(x.t), x.d
    from json_to_recordset(p_rows) x(r uuid, a integer, n integer, t double precision, d json),
      lateral (select run.owner, run.status from run where run.run_id = x.r offset 0) l
    where l.owner = p_node and l.status = 0
    order by x.r, x.a, x.n desc
    on conflict (run_id, activity_id) do update
      set attempt = excluded.attempt, started_at = excluded.started_at,
        details = coalesce(excluded.details, attempt.details)
      where attempt.attempt <= excluded.attempt;
end $$;
