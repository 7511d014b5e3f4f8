/** Waits until the run has closed, or Ctrl-C. Owns what Ctrl-C means: a run in memory is ended, a durable one is left. */
import type { Engine, ExecutionRef } from '../engine-types.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { onInterruption } from './interruption.ts'
import type { StoreChoice } from './store-choice.ts'

/** Any time will do: nothing happens then. */
const aliveMs = 60_000

export type Ending = { readonly kind: 'closed'; readonly closedAtMs: number } | { readonly kind: 'left' }

export async function waitForEnd(
  engine: Engine,
  ref: ExecutionRef,
  store: StoreChoice,
  closed: Promise<number>,
  terminal: Terminal,
): Promise<Ending> {
  const interruption = onInterruption()
  // A run that waits for a signal holds nothing open by itself, and the process would end under it.
  const alive = setInterval(() => undefined, aliveMs)
  try {
    const end = closed.then((closedAtMs): Ending => ({ kind: 'closed', closedAtMs }))
    const first = await Promise.race([end, interruption.asked])
    if (typeof first === 'object') return first
    if (store.kind !== 'memory') {
      terminal.message('stopping; once more ends it at once')
      return { kind: 'left' }
    }
    await endEarly(engine, ref, terminal)
    return await end
  } finally {
    clearInterval(alive)
    interruption.release()
  }
}

/** A saga that paused tries again on a cancel, and nobody can resume it here. */
async function endEarly(engine: Engine, ref: ExecutionRef, terminal: Terminal): Promise<void> {
  try {
    const { paused } = await engine.describe(ref)
    const isStuck = paused !== null && paused.step !== null
    terminal.message(isStuck ? 'it is paused: ending it' : 'canceling; once more ends it at once')
    if (isStuck) await engine.terminate(ref, 'interrupted while it was paused')
    else await engine.cancel(ref, 'interrupted')
  } catch (error) {
    // It closed in the meantime.
    if (!(error instanceof Error && 'code' in error && error.code === 'ExecutionClosed')) throw error
  }
}
