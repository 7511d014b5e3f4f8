/** What a world needs of whoever plays the activities in it: they live outside the engine, as the world does. */
import type { ActivityExecutor } from '../engine/index.ts'
import type { ScriptedCall, ScriptFailure } from './scripted-executor.ts'

export interface OutsideExecutor {
  /** The executor as one life of an engine sees it; after `retire` that engine reaches nothing and hears nothing. */
  forEngine(): ActivityExecutor & { retire(): void }
  readonly calls: readonly ScriptedCall[]
  readonly failure: ScriptFailure | null
  /** Resolves when no activity runs in real time: virtual time stands still until then. Null: none does. */
  settled(): Promise<void> | null
}
