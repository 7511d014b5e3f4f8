/**
 * How an execution ended: waits for it, along its chain. Owns that waiting; what an outcome says is `outcome.ts`. A run that
 * is loaded here tells its close by itself, any other is asked for.
 */
import { StorageUnavailableError } from '../../storage/contract.ts'
import type { ExecutionRef, Outcome } from '../contract.ts'
import type { Driver } from '../driver.ts'
import { findRun, lastOfChain } from '../waiting/chains.ts'
import { Gathering } from '../waiting/gathering.ts'
import { outcomeOfSummary } from '../waiting/outcome.ts'
import { firstRemotePollMs, waitUntil } from '../waiting/wait-until.ts'

const defaultResultWaitMs = 30_000

interface WaitOptions {
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

export class Results {
  readonly #driver: Driver
  /** Of all runs whose end someone waits for. */
  readonly #isOpen: Gathering<string, boolean>

  constructor(driver: Driver) {
    this.#driver = driver
    this.#isOpen = new Gathering(async (runIds) => {
      const open = await driver.parts.storage.visibility.openOf(runIds)
      return runIds.map((runId) => open.has(runId))
    })
  }

  /** Follows a chain to its last run, unless `follow` is false: the time to wait is for all of them. */
  async result(
    ref: ExecutionRef,
    options: WaitOptions & { readonly follow?: boolean } = {},
  ): Promise<Outcome> {
    const { visibility } = this.#driver.parts.storage
    const until = performance.now() + (options.waitMs ?? defaultResultWaitMs)
    for (let run = ref; ; ) {
      const waitMs = Math.max(0, until - performance.now())
      const outcome = await this.#resultOfRun(run, { ...options, waitMs })
      if (outcome.status !== 'continuedAsNew' || options.follow === false) return outcome
      const last = await lastOfChain(visibility, await findRun(visibility, { ...ref, runId: outcome.runId }))
      // What came after it is deleted.
      if (last.runId === outcome.runId) return outcome
      run = { ...ref, runId: last.runId }
    }
  }

  async #resultOfRun(
    ref: ExecutionRef,
    options: WaitOptions & { readonly waitMs: number },
  ): Promise<Outcome> {
    const { waitMs } = options
    const local = this.#driver.runs.find(ref.namespace, ref.workflowId, ref.runId)
    let runId = local?.runId
    if (runId === undefined) {
      const summary = await findRun(this.#driver.parts.storage.visibility, ref)
      if (summary.status !== 'running' || waitMs <= 0) return outcomeOfSummary(summary)
      runId = summary.runId
    }
    const { workflowId } = ref
    const running: Outcome = { workflowId, runId, status: 'running' }
    if (waitMs <= 0) return running
    return this.#waitForClose({ ...ref, runId }, running, waitMs, options.signal, local !== undefined)
  }

  /** Told at once by this process; asked of the store now and then for a run of another node. */
  async #waitForClose(
    ref: ExecutionRef & { readonly runId: string },
    running: Outcome,
    waitMs: number,
    signal: AbortSignal | undefined,
    isLocal: boolean,
  ): Promise<Outcome> {
    const { settings, storage } = this.#driver.parts
    return waitUntil<Outcome>({
      waitMs,
      signal,
      otherwise: running,
      pollMs: settings.pollIntervalMs,
      firstPollMs: isLocal ? settings.pollIntervalMs : firstRemotePollMs,
      // A run that is loaded here tells its close by itself; one that leaves for another node is met by polling.
      pollFirst: !isLocal,
      listen: (found, again, giveUp) => {
        const { watchers } = this.#driver
        return [
          watchers.onClose(ref.runId, found),
          watchers.onVanished(ref.runId, again),
          watchers.onEnd(giveUp),
        ]
      },
      poll: async () => {
        if (this.#driver.runs.get(ref.runId) !== undefined) return null
        try {
          if (await this.#isOpen.ask(ref.runId)) return null
          const outcome = outcomeOfSummary(await findRun(storage.visibility, ref))
          return outcome.status === 'running' ? null : outcome
        } catch (thrown) {
          // Whoever waits is not told of an outage that passes while it waits.
          if (thrown instanceof StorageUnavailableError) return null
          throw thrown
        }
      },
    })
  }
}
