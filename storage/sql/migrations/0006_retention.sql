-- History is partitioned by run id, which is by time: a UUIDv7 begins with its milliseconds. Partitions are made
-- ahead, one per 28 days; where that fails (a lock that does not come, rows in the way) the default partition takes
-- the rows and nothing else happens.

create function first_run_id_of(p_time timestamptz) returns uuid
  language sql immutable strict
  return (lpad(to_hex((extract(epoch from p_time) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid;

-- Makes the partitions of now and of the period after, and drops those that are over and empty.
create function maintain_history() returns void language plpgsql as $$
declare
  v_length constant interval := interval '28 days';
  v_start timestamptz;
  v_name text;
  v_old record;
  v_used boolean;
begin
  -- One node at a time; the others have nothing to add.
  if not pg_try_advisory_xact_lock(hashtext(current_schema() || '.perdure.maintain_history')) then
    return;
  end if;
  perform set_config('lock_timeout', '500ms', true);
  for v_ahead in 0..1 loop
    v_start := date_bin(v_length, now(), timestamptz '2024-01-01 00:00:00Z') + v_ahead * v_length;
    v_name := 'history_' || to_char(v_start at time zone 'UTC', 'YYYYMMDD');
    if to_regclass(quote_ident(v_name)) is null then
      begin
        execute format('create table %I partition of history for values from (%L) to (%L)',
          v_name, first_run_id_of(v_start), first_run_id_of(v_start + v_length));
      exception when check_violation or lock_not_available or invalid_object_definition then
        null;
      end;
    end if;
  end loop;
  for v_old in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'history'::regclass and c.relname ~ '^history_\d{8}$'
      and to_timestamp(substr(c.relname, 9), 'YYYYMMDD') + v_length < now() - v_length
  loop
    begin
      execute format('select exists (select 1 from %I)', v_old.relname) into v_used;
      if not v_used then
        execute format('drop table %I', v_old.relname);
      end if;
    exception when lock_not_available then
      null;
    end;
  end loop;
end $$;

-- Deletes closed runs, oldest close first, with all that hangs on them; gives how many.
create function expire_runs(p_closed_before double precision, p_limit integer)
returns integer language plpgsql as $$
declare
  v_runs uuid[];
begin
  v_runs := array(
    select run_id from execution
    where closed_at < to_time(p_closed_before)
    order by closed_at limit p_limit for update skip locked);
  if cardinality(v_runs) = 0 then
    return 0;
  end if;
  perform 1 from run where run_id = any (v_runs) order by run_id for update;
  delete from start_request d using execution e
    where e.run_id = any (v_runs) and d.namespace = e.namespace and d.request_id = e.request_id
      and d.run_id = e.run_id;
  delete from history where run_id = any (v_runs);
  delete from message_key where run_id = any (v_runs);
  delete from inbox where run_id = any (v_runs);
  delete from snapshot where run_id = any (v_runs);
  delete from attempt where run_id = any (v_runs);
  delete from run where run_id = any (v_runs);
  delete from execution where run_id = any (v_runs);
  return cardinality(v_runs);
end $$;
