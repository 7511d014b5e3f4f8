/**
 * The parts of a node, connected: who hears what of whom. Owns the wiring alone; when they begin and end is the
 * driver's (`driver.ts`), which calls this once.
 */
import type { LoadedRun, NodeId } from '../storage/contract.ts'
import { Busy } from './busy.ts'
import type { Driver, DriverParts, DriverPhase } from './driver.ts'
import { Claims } from './node/claims.ts'
import { Committer } from './node/committer.ts'
import { Mailbox } from './node/mailbox.ts'
import { Ownership } from './node/ownership.ts'
import { Recovery } from './node/recovery.ts'
import { Retention } from './node/retention.ts'
import { type WholeSink, wholeSinks } from './outbox/event-sinks.ts'
import { OutboxSender } from './outbox/sender.ts'
import { Programs } from './programs.ts'
import { Admission } from './runs/admission.ts'
import { AttemptFlush } from './runs/attempt-flush.ts'
import type { Execution } from './runs/execution.ts'
import type { QueuedInput } from './runs/input-queue.ts'
import { LoadedRuns } from './runs/loaded-runs.ts'
import { Births } from './sends/births.ts'
import { ExternalSignals } from './sends/external-signals.ts'
import { FirstEvents } from './sends/first-events.ts'
import { Sends } from './sends/sends.ts'
import { SentTurns } from './sends/sent-turns.ts'
import { outcomeOfClose } from './waiting/outcome.ts'
import { Watchers } from './waiting/watchers.ts'

/** What the parts need of who starts and stops them. */
export interface NodeLife {
  phase(): DriverPhase
  /** The reducer threw, or a value cannot be stored at all. */
  park(execution: Execution, thrown: unknown): void
  /** A row of a run that this node owns becomes a live run. */
  restore(
    node: NodeId,
    loaded: LoadedRun,
    run: Execution | null,
    inputs: readonly QueuedInput[],
    mark: number,
  ): Promise<void>
}

/** What the driver holds of them, and who is told that the store did not answer. */
export type NodeParts = Pick<
  Driver,
  | 'busy'
  | 'watchers'
  | 'programs'
  | 'committer'
  | 'runs'
  | 'admission'
  | 'ownership'
  | 'claims'
  | 'mailbox'
  | 'recovery'
  | 'attempts'
  | 'retention'
  | 'outbox'
  | 'firstEvents'
> & { unreachable(error: Error): void }

/** They know each other in circles, so each is handed questions to ask later, not the others themselves. */
export function connectParts(parts: DriverParts, life: NodeLife): NodeParts {
  const { storage, executor, unregistered, interpreter, clock, settings, limits, log } = parts
  const [busy, watchers] = [new Busy(), new Watchers()]
  const sole = settings.soleNode ?? storage.kind !== 'postgres'
  const sinks = wholeSinks(settings.eventSinks)
  const node = () => ownership.node
  const loaded = (runId: string) => runs.get(runId)
  const mark = () => mailbox.mark
  const mayAct = () => life.phase() === 'running' && ownership.mayAct()
  const unreachable = (error: Error) => {
    ownership.forgetObservations()
    recovery.unreachable(error)
  }

  const programs: Programs = new Programs(storage.definitions, interpreter, limits)
  const committer: Committer = new Committer(storage, settings, {
    node,
    unreachable,
    fenced: (fencedNode) => ownership.fenced(fencedNode),
  })
  const firstEvents: FirstEvents = new FirstEvents(executor, limits)
  const runs: LoadedRuns = new LoadedRuns(
    {
      interpreter,
      clock,
      settings,
      busy,
      executor,
      unregistered,
      watchers,
      payloadBytes: limits.payloadBytes,
      sends: sendsOf(parts, sinks, { programs, firstEvents, runs: () => runs }),
    },
    {
      write: (turn) => committer.write(turn),
      sent: (execution, sends) => sent.by(execution, sends),
      mayDispatch: mayAct,
      takesOutcomes: () => life.phase() === 'running' || life.phase() === 'stopping',
      keepsRuns: () => life.phase() !== 'running',
      fetchMessages: (execution) => mailbox.fetch(execution),
      lost: (execution, inputs) => recovery.lost(execution, inputs),
      park: (execution, thrown) => life.park(execution, thrown),
      left: (runId, wakeAt) => claims.left(runId, wakeAt),
    },
  )
  const admission: Admission = new Admission({
    runs: storage.runs,
    programs,
    interpreter,
    clock,
    write: (turn) => committer.write(turn),
    closed: (run, firstEventId, events, close) => {
      watchers.published(run, firstEventId, events)
      watchers.closed(run.runId, () => outcomeOfClose(run, close))
    },
    parked: () => claims.poke(),
    sent: (sends) => sent.toOthers(sends),
  })
  const ownership: Ownership = new Ownership(
    {
      nodes: storage.nodes,
      clock,
      settings,
      sole,
      log,
      name: parts.nodeName,
      sinks: sinks.map(({ name }) => name),
    },
    {
      fenced: () => runs.leaveAll(),
      joined: () => {
        claims.poke()
        outbox.joined()
      },
      takenOver: () => claims.poke(),
      fresh: () => {
        for (const execution of runs.all()) execution.release()
        claims.poke()
      },
      unreachable,
    },
  )
  const polled = { runs: storage.runs, clock, busy, settings, sole }
  const claims: Claims = new Claims(polled, {
    node,
    mayAct,
    room: () => runs.room,
    loaded: (runId) => loaded(runId) !== undefined,
    mark,
    admit: (owner, row, mark) => life.restore(owner, row, null, [], mark),
    unreachable,
  })
  const mailbox: Mailbox = new Mailbox(polled, {
    node,
    loaded,
    orphan: (runId) => recovery.orphan(runId),
    unreachable,
  })
  const recovery: Recovery = new Recovery(
    { runs: storage.runs, clock, busy, settings, log },
    {
      node,
      loaded,
      mark,
      restore: (owner, row, run, inputs, mark) => life.restore(owner, row, run, inputs, mark),
      vanished: (runId) => watchers.vanished(runId),
      ping: () => storage.ping(),
      reachable: () => {
        mailbox.ask()
        claims.poke()
        outbox.poke()
      },
    },
  )
  const attempts: AttemptFlush = new AttemptFlush(
    { executor, store: storage.attempts, clock, log },
    { node, loaded },
  )
  const retention: Retention = new Retention((before, limit) => storage.expire(before, limit), {
    clock,
    settings,
    log,
  })
  const outbox: OutboxSender = new OutboxSender(
    { store: storage.outbox, sinks, clock, busy, settings, sole, log },
    unreachable,
  )
  const sent: SentTurns = new SentTurns({
    runs,
    mailbox,
    claims,
    outbox,
    watchers,
  })

  return {
    busy,
    watchers,
    programs,
    committer,
    runs,
    admission,
    ownership,
    claims,
    mailbox,
    recovery,
    attempts,
    retention,
    outbox,
    firstEvents,
    unreachable,
  }
}

function sendsOf(
  { storage, definitions, limits }: DriverParts,
  sinks: readonly WholeSink[],
  {
    programs,
    firstEvents,
    runs,
  }: {
    readonly programs: Programs
    readonly firstEvents: FirstEvents
    readonly runs: () => LoadedRuns
  },
): Sends {
  const { visibility } = storage
  const births = new Births({ definitions, programs, firstEvents, visibility })
  const signals = new ExternalSignals({
    programs,
    visibility,
    loaded: (namespace, workflowId) => runs().find(namespace, workflowId, undefined)?.identity,
    mostPending: limits.pendingMessages,
  })
  return new Sends(births, signals, sinks)
}
