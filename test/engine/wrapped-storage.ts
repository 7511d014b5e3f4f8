/** A store whose commits and other calls a test can hold, fail or lose: the races are forced, not hoped for. */
import type { CommitResult, NodeId, Storage, Turn } from '../../storage/contract.ts'

export interface Taps {
  /** In place of the store's own; call `inner` to do it. */
  commit?: (turns: readonly Turn[], inner: () => Promise<CommitResult>, node: NodeId) => Promise<CommitResult>
  claim?: (inner: () => ReturnType<Storage['runs']['claim']>) => ReturnType<Storage['runs']['claim']>
  claimParked?: (
    inner: () => ReturnType<Storage['runs']['claimParked']>,
  ) => ReturnType<Storage['runs']['claimParked']>
  find?: (
    workflowId: string,
    inner: () => ReturnType<Storage['visibility']['find']>,
  ) => ReturnType<Storage['visibility']['find']>
  ping?: (inner: () => Promise<void>) => Promise<void>
  beat?: (inner: () => Promise<'live' | 'fenced'>) => Promise<'live' | 'fenced'>
  answers?: (
    inner: () => ReturnType<Storage['messages']['answers']>,
  ) => ReturnType<Storage['messages']['answers']>
  openOf?: (
    inner: () => ReturnType<Storage['visibility']['openOf']>,
  ) => ReturnType<Storage['visibility']['openOf']>
  delivered?: (inner: () => Promise<void>) => Promise<void>
  serve?: (inner: () => Promise<number>) => Promise<number>
  /** Set by `wrapStorage`: the row as the store has it. */
  load?: Storage['runs']['load']
  closes?: boolean
}

export function wrapStorage(inner: Storage, taps: Taps): Storage {
  taps.load = (runId) => inner.runs.load(runId)
  return {
    kind: inner.kind,
    open: () => inner.open(),
    close: () => (taps.closes === false ? Promise.resolve() : inner.close()),
    ping: () => (taps.ping === undefined ? inner.ping() : taps.ping(() => inner.ping())),
    definitions: inner.definitions,
    nodes: {
      join: (name, sinks) => inner.nodes.join(name, sinks),
      beat: (node) =>
        taps.beat === undefined ? inner.nodes.beat(node) : taps.beat(() => inner.nodes.beat(node)),
      observe: () => inner.nodes.observe(),
      takeOver: (node, beats, now) => inner.nodes.takeOver(node, beats, now),
      leave: (node, now) => inner.nodes.leave(node, now),
    },
    runs: {
      claim: (node, now, limit, options) => {
        const claim = () => inner.runs.claim(node, now, limit, options)
        return taps.claim === undefined ? claim() : taps.claim(claim)
      },
      claimOne: (node, runId, options) => inner.runs.claimOne(node, runId, options),
      owned: (node) => inner.runs.owned(node),
      load: (runId, options) => inner.runs.load(runId, options),
      pollInbox: (node, runs) => inner.runs.pollInbox(node, runs),
      park: (node, runId, reason, seenMessage) => inner.runs.park(node, runId, reason, seenMessage),
      claimParked: (node, limit) =>
        taps.claimParked === undefined
          ? inner.runs.claimParked(node, limit)
          : taps.claimParked(() => inner.runs.claimParked(node, limit)),
      nextWakeAt: () => inner.runs.nextWakeAt(),
    },
    messages: {
      send: (messages, now) => inner.messages.send(messages, now),
      answers: (asked) =>
        taps.answers === undefined
          ? inner.messages.answers(asked)
          : taps.answers(() => inner.messages.answers(asked)),
    },
    attempts: inner.attempts,
    outbox: {
      claim: (sinks, now, leaseUntil, limit) => inner.outbox.claim(sinks, now, leaseUntil, limit),
      delivered: (ids) =>
        taps.delivered === undefined
          ? inner.outbox.delivered(ids)
          : taps.delivered(() => inner.outbox.delivered(ids)),
      failed: (id, error, dueAt) => inner.outbox.failed(id, error, dueAt),
      nextDueAt: (sinks) => inner.outbox.nextDueAt(sinks),
      list: (filter, limit, after) => inner.outbox.list(filter, limit, after),
      giveUpUnserved: (dueBefore, now, reason, limit) =>
        inner.outbox.giveUpUnserved(dueBefore, now, reason, limit),
      serve: (sinks, now, limit) =>
        taps.serve === undefined
          ? inner.outbox.serve(sinks, now, limit)
          : taps.serve(() => inner.outbox.serve(sinks, now, limit)),
      revive: (namespace, id, now) => inner.outbox.revive(namespace, id, now),
    },
    visibility: {
      find: (namespace, workflowId, runId) => {
        const find = () => inner.visibility.find(namespace, workflowId, runId)
        return taps.find === undefined ? find() : taps.find(workflowId, find)
      },
      openOf: (runIds) =>
        taps.openOf === undefined
          ? inner.visibility.openOf(runIds)
          : taps.openOf(() => inner.visibility.openOf(runIds)),
      list: (filter, limit, after) => inner.visibility.list(filter, limit, after),
      count: (filter) => inner.visibility.count(filter),
      history: (runId, after, limit) => inner.visibility.history(runId, after, limit),
    },
    commit: (node, turns) => {
      const commit = () => inner.commit(node, turns)
      return taps.commit === undefined ? commit() : taps.commit(turns, commit, node)
    },
    expire: (before, limit) => inner.expire(before, limit),
    onHint: (listener) => inner.onHint(listener),
  }
}
