-- Deliveries to a sink that no live node serves (it was taken out of the settings) would wait for ever, unseen: they
-- are given up with a reason, and go on by themselves when a node comes that serves it.

-- Names of the event sinks that the node serves. Null: it did not say, so while it lives nothing is given up.
alter table node add column sinks json;

-- Dead for want of a node that serves the sink.
alter table outbox add column is_unserved boolean not null default false;
create index outbox_unserved on outbox (sink, delivery_id) where is_unserved;

-- At most so many for each sink in one call. Gives how many, by sink.
create function give_up_unserved(
  p_due_before double precision, p_now double precision, p_reason text, p_limit integer
) returns table (sink text, deliveries bigint) language plpgsql as $$
#variable_conflict use_column
declare
  v_served text[];
  v_sink text;
begin
  if exists (select 1 from node where is_live and sinks is null) then
    return;
  end if;
  v_served := array(
    select distinct x.sink from node, json_array_elements_text(node.sinks) x(sink) where node.is_live);
  -- From sink to sink, not through all rows.
  select o.sink into v_sink from outbox o where not o.is_dead order by o.sink limit 1;
  while v_sink is not null loop
    if v_sink <> all (v_served) then
      return query
        with given_up as (
          update outbox set
              is_dead = true, is_unserved = true, last_error = p_reason, due_at = to_time(p_now)
            where delivery_id = any (array(
              select o.delivery_id from outbox o
              where o.sink = v_sink and not o.is_dead and o.due_at <= to_time(p_due_before)
              order by o.due_at limit p_limit for no key update skip locked))
            returning 1)
        select v_sink, count(*) from given_up having count(*) > 0;
    end if;
    select o.sink into v_sink from outbox o where not o.is_dead and o.sink > v_sink
      order by o.sink limit 1;
  end loop;
end $$;
