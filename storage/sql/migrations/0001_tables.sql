-- The tables. Names in the singular; times are timestamptz; ids of runs are UUIDv7, so that history grows at its end.
-- No foreign keys: on the hot tables they cost 10 % of a turn. Texts are COLLATE "C": lists are in byte order on
-- every server, and prefixes use the index.

-- A deployed definition; its content never changes, only `deprecated` does.
create table definition (
  namespace text collate "C" not null,
  name text collate "C" not null,
  version text collate "C" not null,
  digest text collate "C" not null,
  source text not null,
  format text collate "C" not null check (format in ('yaml', 'json')),
  deployed_at timestamptz not null,
  deprecated boolean not null,
  primary key (namespace, name, version)
);

-- The one fence (I10): every write of a node holds its row FOR KEY SHARE. A dead node's row goes when its runs are
-- handed over, so a row in state dead is a hand-over that someone has to finish. Numbers are never used again.
create table node (
  node_id integer generated always as identity primary key,
  name text not null,
  is_live boolean not null default true,
  beats bigint not null default 0,
  joined_at timestamptz not null default now()
) with (fillfactor = 20);

-- Narrow, because it changes at every claim, release and message. What lists show is in `execution`.
-- status: 0 running, 1 completed, 2 failed, 3 canceled, 4 terminated, 5 timedOut, 6 continuedAsNew.
create table run (
  run_id uuid primary key,
  namespace text collate "C" not null,
  workflow_id text collate "C" not null,
  status smallint not null default 0 check (status between 0 and 6),
  takeovers smallint not null default 0,
  owner integer,
  msg_seq integer not null default 0,
  wake_at timestamptz,
  parked text,
  constraint closed_run_has_no_owner check (status = 0 or owner is null)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

create unique index run_open on run (namespace, workflow_id) where status = 0;
create index run_owner on run (owner) where owner is not null;
-- From the third takeover without progress on a run is a suspect, claimed from an index of its own.
create index run_due on run (wake_at)
  where owner is null and status = 0 and parked is null and takeovers < 3;
create index run_suspect on run (wake_at)
  where owner is null and status = 0 and parked is null and takeovers >= 3;
-- Nearly always empty: tells a commit at the cost of one look that no run needs its takeovers reset.
create index run_taken_over on run (takeovers) where takeovers > 0 and status = 0;

-- Wide: written at the start and at the close.
create table execution (
  run_id uuid primary key,
  namespace text collate "C" not null,
  workflow_id text collate "C" not null,
  workflow text collate "C" not null,
  version text collate "C" not null,
  status smallint not null default 0 check (status between 0 and 6),
  started_at timestamptz not null,
  closed_at timestamptz,
  request_id text collate "C",
  memo json,
  search_attributes json,
  outcome json,
  constraint closed_execution_has_time_and_outcome
    check ((status = 0) = (closed_at is null) and (status = 0) = (outcome is null))
) with (fillfactor = 70);

create index execution_id on execution (namespace, workflow_id, started_at, run_id);
create index execution_started on execution (namespace, started_at, run_id);
create index execution_closed on execution (closed_at) where closed_at is not null;

-- One row per turn. The primary key is I2: of two writers of one history the second one's turn finds it taken.
create table history (
  run_id uuid not null,
  first_event_id integer not null check (first_event_id >= 1),
  event_count integer not null check (event_count >= 1),
  events json not null,
  primary key (run_id, first_event_id)
) partition by range (run_id);

-- Takes what no other partition takes: runs that were given an id by a clock of their own, and every run while
-- partitions could not be made ahead.
create table history_default partition of history default;

-- Messages that no turn has taken yet.
create table inbox (
  run_id uuid not null,
  seq integer not null,
  payload json not null,
  primary key (run_id, seq)
);

-- Keys of messages that a run has accepted; they stay when the message is taken, until the run expires.
create table message_key (
  run_id uuid not null,
  dedupe text collate "C" not null,
  primary key (run_id, dedupe)
);

-- Which run a request made.
create table start_request (
  namespace text collate "C" not null,
  request_id text collate "C" not null,
  run_id uuid not null,
  primary key (namespace, request_id)
);

-- The newest one of a run.
create table snapshot (
  run_id uuid primary key,
  event_id integer not null,
  state_version integer not null,
  plan_digest text collate "C" not null,
  state json not null
);

-- Starts and heartbeats of long attempts, at most one row per activity under way.
create table attempt (
  run_id uuid not null,
  activity_id integer not null,
  attempt integer not null,
  started_at timestamptz not null,
  details json,
  primary key (run_id, activity_id)
) with (fillfactor = 70);

-- Milliseconds since 1970 UTC, the unit of every parameter and answer, as the server keeps time and back.
create function to_time(milliseconds double precision) returns timestamptz
  language sql immutable strict parallel safe
  return to_timestamp(milliseconds / 1000.0);

create function to_milliseconds(moment timestamptz) returns double precision
  language sql immutable strict parallel safe
  return round(extract(epoch from moment) * 1000)::double precision;
