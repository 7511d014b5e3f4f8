/** What who asks the store about runs now and then is made of. */
import type { RunStore } from '../../storage/contract.ts'
import type { Busy } from '../busy.ts'
import type { Clock } from '../clock.ts'
import type { EngineSettings } from '../settings.ts'

export interface PollingParts {
  readonly runs: RunStore
  readonly clock: Clock
  readonly busy: Busy
  readonly settings: EngineSettings
  /** No other node has this store: what happens to its runs is known here. */
  readonly sole: boolean
}
