-- What turns send to others, and how runs hang together: chains of runs that continue as new, children, answers to
-- messages, events on their way to a sink.

-- Null: the run itself. In `run`, because whoever sends to a chain asks for its open run.
alter table run add column first_run uuid;

alter table execution
  add column parent_workflow_id text collate "C",
  add column parent_run uuid,
  add column parent_child_id integer,
  add constraint parent_is_whole
    check (num_nulls(parent_workflow_id, parent_run, parent_child_id) in (0, 3));

create index execution_parent on execution (parent_run, namespace, started_at, run_id) where parent_run is not null;

-- A chain shows as its last run, so lists pass over those that continued as new: thousands of them between two rows
-- of a page where a few executions continue every minute. Two indexes of disjoint rows cost what one did.
create index execution_shown on execution (namespace, started_at, run_id) where status <> 6;
create index execution_continued on execution (namespace, started_at, run_id) where status = 6;
drop index execution_started;

-- What became of a message that is to be answered, once per chain of runs. state: 0 pending, 1 answered, 2 lost.
create table answer (
  first_run uuid not null,
  message_id text collate "C" not null,
  run_id uuid not null,  -- the one that took the message
  state smallint not null default 0 check (state between 0 and 2),
  answer json,
  primary key (first_run, message_id),
  constraint answered_has_answer check ((state = 1) = (answer is not null))
) with (fillfactor = 70);

create index answer_run on answer (run_id);
-- Nearly always empty: tells a close at the cost of one look that nobody waits for an answer.
create index answer_pending on answer (run_id) where state = 0;

-- Events on their way to a sink; what was delivered is deleted. A claim moves due_at to the end of its lease.
create table outbox (
  delivery_id bigint generated always as identity primary key,
  key text collate "C" not null unique,
  namespace text collate "C" not null,
  sink text collate "C" not null,
  event json not null,
  attempts integer not null default 0,
  is_dead boolean not null default false,
  due_at timestamptz not null,
  last_error text
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

create index outbox_due on outbox (sink, due_at) where not is_dead;
create index outbox_dead on outbox (due_at) where is_dead;
create index outbox_dead_list on outbox (namespace, delivery_id) where is_dead;

-- One look per sink, so that a sink that nobody serves any more is in nobody's way. May lock more rows than it takes;
-- those are let go of at its end.
create function claim_deliveries(
  p_sinks text[], p_now double precision, p_lease_until double precision, p_limit integer
) returns table (
  delivery_id bigint, namespace text, sink text, event json, attempts integer, is_dead boolean,
  due_at double precision, last_error text
) language plpgsql as $$
#variable_conflict use_column
declare
  v_ids bigint[];
begin
  v_ids := array(
    select l.delivery_id
    from unnest(p_sinks) s(sink),
      lateral (
        select o.delivery_id, o.due_at from outbox o
        where o.sink = s.sink and not o.is_dead and o.due_at <= to_time(p_now)
        order by o.due_at limit p_limit for no key update skip locked) l
    order by l.due_at, l.delivery_id limit p_limit);
  if cardinality(v_ids) = 0 then
    return;
  end if;
  update outbox set due_at = to_time(p_lease_until) where outbox.delivery_id = any (v_ids);
  return query
    select o.delivery_id, o.namespace, o.sink, o.event, o.attempts, o.is_dead,
      to_milliseconds(o.due_at), o.last_error
    from unnest(v_ids) with ordinality i(id, place),
      lateral (select * from outbox where outbox.delivery_id = i.id offset 0) o
    order by i.place;
end $$;

-- As in 0006, with the answers; and deliveries that died before the same moment.
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
    delete from answer where run_id = any (v_runs);
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
