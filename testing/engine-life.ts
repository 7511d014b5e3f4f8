/**
 * One life of an engine in a scenario: built over a store, used, and thrown away.
 * Owns how an engine of the kit is made: which settings a virtual clock needs. Called by `world.ts`.
 */
import {
  type ActivityExecutor,
  createEngine,
  type EngineUnderTest,
  type Interpreter,
  type Limits,
  type Storage,
} from '../engine/index.ts'
import { inOrder } from './dispatch-order.ts'
import type { OutsideExecutor } from './outside.ts'
import { type CommitWatcher, openStoreLife } from './store-life.ts'
import { EngineClock, type VirtualClock } from './virtual-clock.ts'

/**
 * No other engine has the store at the same time, so none needs to be watched on a timer: virtual time has only the
 * timers of workflows to skip to. Nothing is deleted: virtual time may be years away.
 */
const virtualSettings = { soleNode: true, retentionDays: 0 }

export interface EngineMaker {
  /** Open; serves one engine after another. */
  readonly storage: Storage
  readonly interpreter: Interpreter
  readonly limits?: Partial<Limits>
}

export interface EngineLife {
  readonly engine: EngineUnderTest
  readonly killed: Promise<void>
  /** Starts the attempts that it dispatched; called while it is quiet. */
  begin(): void
  /** As SIGKILL: nothing that is under way goes on, nobody is told. */
  drop(): void
}

export async function startLife(parts: {
  readonly maker: EngineMaker
  readonly clock: VirtualClock
  readonly executor: OutsideExecutor
  readonly watcher: CommitWatcher
}): Promise<EngineLife> {
  const clock = new EngineClock(parts.clock)
  const executor = inOrder(parts.executor.forEngine())
  const store = openStoreLife(parts.maker.storage, parts.watcher)
  const engine = makeEngine({ ...parts.maker, storage: store.storage }, clock, executor)
  await Promise.race([engine.start(), store.killed])
  return {
    engine,
    killed: store.killed,
    begin: () => executor.begin(),
    drop() {
      executor.retire()
      clock.retire()
      store.kill()
      engine.abandon()
    },
  }
}

function makeEngine(maker: EngineMaker, clock: EngineClock, executor: ActivityExecutor): EngineUnderTest {
  return createEngine({
    storage: maker.storage,
    clock,
    executor,
    interpreter: maker.interpreter,
    nodeName: 'scenario',
    settings: virtualSettings,
    ...(maker.limits === undefined ? {} : { limits: maker.limits }),
  })
}
