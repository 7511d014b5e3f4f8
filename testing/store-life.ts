/**
 * A store as one life of an engine sees it. After `kill` every call hangs for ever and no hint comes, as for a
 * process that was killed: what was on its way in is written or not, and nobody hears of it.
 * Owns the points of a crash (`CrashPoint`) and what a life committed; opening and closing the real store is the caller's.
 */
import type { Storage, StoredEvent } from '../engine/index.ts'

/**
 * Where the engine is thrown away, counted in commits that wrote events. The events of one commit cannot be told
 * apart by a crash, so "after every event" is before and after the commit that holds it, and once more at rest:
 * `before` loses the turn, `after` loses its effects, `atRest` has carried them out.
 */
export interface CrashPoint {
  readonly commit: number
  readonly phase: 'before' | 'after' | 'atRest'
}

export interface CommitWatcher {
  /** Called before a commit that writes events. True: the engine dies now, and nothing is written. */
  beforeCommit(): boolean
  /** Called when it is written, before the engine knows, if it ever will. True: the engine dies now. */
  afterCommit(turns: readonly CommittedTurn[]): boolean
}

export interface CommittedTurn {
  readonly runId: string
  readonly events: readonly StoredEvent[]
  readonly closes: boolean
}

export interface StoreLife {
  readonly storage: Storage
  /** Settles when this life is over. */
  readonly killed: Promise<void>
  kill(): void
  /** The nodes that this life joined as. */
  readonly nodes: readonly number[]
}

export function openStoreLife(inner: Storage, watcher: CommitWatcher): StoreLife {
  let alive = true
  let settleKilled: () => void = () => {}
  const killed = new Promise<void>((resolve) => {
    settleKilled = resolve
  })
  const nodes: number[] = []
  const kill = () => {
    alive = false
    settleKilled()
  }
  const hang = <T>() => new Promise<T>(() => {})
  const during = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!alive) return hang()
    try {
      const value = await work()
      return alive ? value : await hang<T>()
    } catch (error) {
      if (alive) throw error
      return hang()
    }
  }
  const commit: Storage['commit'] = (node, turns) =>
    during(async () => {
      const writesEvents = turns.some((turn) => turn.eventCount > 0)
      if (writesEvents && watcher.beforeCommit()) {
        kill()
        return hang()
      }
      const result = await inner.commit(node, turns)
      if (writesEvents && result.outcome === 'committed') {
        const rejected = new Set(result.rejected.map((rejection) => rejection.runId))
        const written = turns
          .filter((turn) => turn.eventCount > 0 && !rejected.has(turn.runId))
          .map((turn) => ({
            runId: turn.runId,
            events: eventsOf(turn.events),
            closes: turn.change?.kind === 'close',
          }))
        // What was on its way in when this life ended is written all the same, and the watcher keeps the book.
        if (written.length > 0 && watcher.afterCommit(written) && alive) kill()
      }
      return result
    })
  const join: Storage['nodes']['join'] = (...given) =>
    during(async () => {
      const node = await inner.nodes.join(...given)
      nodes.push(node)
      return node
    })
  const storage = guarded(inner, during, {
    // One store serves many engines in turn: it was opened before the first, and is closed after the last.
    open: async () => {},
    close: async () => {},
    commit,
    definitions: guarded(inner.definitions, during, {}),
    nodes: guarded(inner.nodes, during, { join }),
    runs: guarded(inner.runs, during, {}),
    messages: guarded(inner.messages, during, {}),
    attempts: guarded(inner.attempts, during, {}),
    outbox: guarded(inner.outbox, during, {}),
    visibility: guarded(inner.visibility, during, {}),
    onHint: (listener) =>
      inner.onHint((hint) => {
        if (alive) listener(hint)
      }),
  })
  return { storage, killed, kill, nodes }
}

function eventsOf(text: string): readonly StoredEvent[] {
  const events: readonly StoredEvent[] = JSON.parse(text)
  return events
}

/** The same object, its methods guarded by `during`, but for those that are replaced. */
function guarded<F extends object>(
  family: F,
  during: <T>(work: () => Promise<T>) => Promise<T>,
  replaced: Partial<F>,
): F {
  return new Proxy(family, {
    get(target, key) {
      if (Object.hasOwn(replaced, key)) return Reflect.get(replaced, key)
      const member: unknown = Reflect.get(target, key, target)
      if (typeof member !== 'function') return member
      return (...given: unknown[]) => during(async () => Reflect.apply(member, target, given))
    },
  })
}
