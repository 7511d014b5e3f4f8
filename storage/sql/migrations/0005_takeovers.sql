-- The end of a node. Two calls, two transactions: when the second one looks, every write that the dead node had
-- under way is committed, and none can follow.

-- Waits for the node's writes under way (FOR UPDATE against their FOR KEY SHARE). False where it beat since, or is gone.
create function declare_dead(p_node integer, p_beats double precision)
returns boolean language plpgsql as $$
begin
  perform 1 from node where node_id = p_node and beats = p_beats for update;
  if not found then
    return false;
  end if;
  update node set is_live = false where node_id = p_node;
  return true;
end $$;

-- Makes the runs of a dead node ownerless and due, then forgets the node; gives how many. Who dies in between leaves
-- the dead node's row behind, so that another one finds it standing still and does this again.
create function hand_over(p_node integer, p_now double precision, p_takeovers smallint)
returns integer language plpgsql as $$
declare
  v_count integer;
begin
  perform 1 from run where owner = p_node order by run_id for no key update;
  update run set owner = null, wake_at = to_time(p_now), takeovers = least(takeovers + p_takeovers, 32000)
    where owner = p_node;
  get diagnostics v_count = row_count;
  delete from node where node_id = p_node and not is_live;
  return v_count;
end $$;

-- A graceful end.
create function leave(p_node integer, p_now double precision)
returns integer language plpgsql as $$
begin
  update node set is_live = false where node_id = p_node;
  if not found then
    return 0;
  end if;
  return hand_over(p_node, p_now, 0::smallint);
end $$;
