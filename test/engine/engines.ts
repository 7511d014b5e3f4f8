/** The set-up of tests that start several engines: over memory, with taps where the store shall fail, all stopped after each test. */
import type { EngineOptions, EngineUnderTest } from '../../engine/create.ts'
import { createMemoryData } from '../../storage/memory/data.ts'
import { openStorage } from '../../storage/open.ts'
import { type Bench, deploy, echo, FunctionExecutor, namespace, startEngine } from './support.ts'
import { type Taps, wrapStorage } from './wrapped-storage.ts'

export const w = { namespace, workflowId: 'w' }

export type MemoryData = ReturnType<typeof createMemoryData>

export interface Opening extends Partial<Omit<EngineOptions, 'storage' | 'executor'>> {
  /** What another engine has left or shares; absent: a store of its own. */
  readonly data?: MemoryData
}

/** For the `describe` that calls it. */
export function useEngines() {
  const engines: EngineUnderTest[] = []
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.stop({ graceMs: 0 })
  })
  return {
    /** Those that a test opened itself are put here to be stopped. */
    engines,
    async open(
      taps: Taps = {},
      executor = new FunctionExecutor(echo),
      { data = createMemoryData(), ...options }: Opening = {},
    ): Promise<Bench> {
      const storage = wrapStorage(openStorage({ kind: 'memory', data }), taps)
      const opened = await startEngine(executor, { storage, ...options })
      engines.push(opened.engine)
      return opened
    },
  }
}

/** One engine, with activities that answer and hang, over a store of its own that fails as the taps say; the caller stops it. */
export async function openBench(taps: Taps, sources: readonly string[]): Promise<Bench> {
  const bench = await startEngine(new FunctionExecutor({ ...echo, hang: () => undefined }), {
    storage: wrapStorage(openStorage({ kind: 'memory' }), taps),
  })
  for (const source of sources) await deploy(bench.engine, source)
  return bench
}

/** One execution of the document under test. */
export function start(engine: EngineUnderTest, workflowId = 'w', more: object = {}) {
  return engine.startExecution({
    namespace,
    workflow: 'under-test',
    workflowId,
    input: { value: 7 },
    ...more,
  })
}
