/**
 * One life of an engine in a scenario: built over a store, used, and stopped or thrown away.
 * Owns how an engine of the kit is made: which settings a virtual clock needs. Called by `world.ts` and `test-engine.ts`.
 */
import {
  type ActivityExecutor,
  createEngine,
  type EngineUnderTest,
  type Interpreter,
  type Limits,
  type Storage,
} from './engine.ts'
import type { OutsideExecutor } from './outside.ts'
import { type CommitWatcher, openStoreLife } from './store-life.ts'
import { EngineClock, type VirtualClock } from './virtual-clock.ts'

export interface EngineMaker {
  /** Open; serves one engine after another. */
  readonly storage: Storage
  readonly interpreter: Interpreter
  readonly limits?: Partial<Limits>
}

export interface EngineLife {
  readonly engine: EngineUnderTest
  readonly killed: Promise<void>
  /** As SIGKILL: nothing that is under way goes on, nobody is told. */
  drop(): Promise<void>
  stop(): Promise<void>
}

export async function startLife(parts: {
  readonly maker: EngineMaker
  readonly clock: VirtualClock
  readonly executor: OutsideExecutor
  readonly watcher: CommitWatcher
}): Promise<EngineLife> {
  const clock = new EngineClock(parts.clock)
  const executor = parts.executor.forEngine(clock)
  const store = openStoreLife(parts.maker.storage, parts.watcher)
  const engine = makeEngine({ ...parts.maker, storage: store.storage }, clock, executor)
  await Promise.race([engine.start(), store.killed])
  const retire = () => {
    executor.retire()
    clock.retire()
  }
  return {
    engine,
    killed: store.killed,
    async drop() {
      retire()
      store.kill()
    },
    async stop() {
      await engine.stop({ graceMs: 0 })
      retire()
      store.kill()
    },
  }
}

export function makeEngine(
  maker: EngineMaker,
  clock: EngineClock,
  executor: ActivityExecutor,
): EngineUnderTest {
  return createEngine({
    storage: maker.storage,
    clock,
    executor,
    interpreter: maker.interpreter,
    ...(maker.limits === undefined ? {} : { limits: maker.limits }),
  })
}
