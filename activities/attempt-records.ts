/**
 * What of the attempts under way must outlive the process: the start of those that take long (so that their deadline
 * stands) and heartbeat details (so that the next attempt gets them). Owns when each is due to be kept, at most once
 * per max(1 s, half the heartbeat timeout); the engine drains and writes.
 */
import type { Json } from '../schema/json.ts'
import type { Attempt } from './attempt.ts'
import type { ActivityExecutor } from './contract.ts'
import { attemptSaveIntervalMs, keptHeartbeats } from './limits.ts'

type Drained = ReturnType<ActivityExecutor['drainAttempts']>

export class AttemptRecords {
  /** In the order of their start, so that a drain looks at those alone that are due. */
  readonly #unsavedStarts = new Set<Attempt>()
  readonly #unsavedHeartbeats = new Set<Attempt>()
  /** Details of failed attempts, for the next one in this process: it may come before the next drain. */
  readonly #handedOn = new Map<string, Json>()

  started(attempt: Attempt): void {
    // One that goes on after a restart is kept already.
    if (attempt.task.startedAt === undefined) this.#unsavedStarts.add(attempt)
    attempt.savedAt = attempt.startedAt
  }

  beat(attempt: Attempt): void {
    this.#unsavedHeartbeats.add(attempt)
  }

  /** `again`: another attempt may follow. */
  ended(attempt: Attempt, again: boolean): void {
    this.#unsavedStarts.delete(attempt)
    if (attempt.details === undefined) return
    if (again) {
      this.#handedOn.set(attempt.key, attempt.details)
      for (const oldest of this.#handedOn.keys()) {
        if (this.#handedOn.size <= keptHeartbeats) break
        this.#handedOn.delete(oldest)
      }
    } else this.#unsavedHeartbeats.delete(attempt)
  }

  forgotten(key: string): void {
    this.#handedOn.delete(key)
  }

  /** What the attempt before left, newer than what was kept beside the history. */
  takeHandedOn(key: string): Json | undefined {
    const details = this.#handedOn.get(key)
    if (details !== undefined) this.#handedOn.delete(key)
    return details
  }

  drain(now: number): Drained {
    const rows: Drained[number][] = []
    for (const attempt of this.#unsavedStarts) {
      if (now - attempt.startedAt < attemptSaveIntervalMs) break
      this.#save(attempt, now, rows)
    }
    for (const attempt of this.#unsavedHeartbeats) {
      const interval = Math.max(attemptSaveIntervalMs, (attempt.task.settings.heartbeatTimeoutMs ?? 0) / 2)
      if (attempt.phase === 'over' || now - attempt.savedAt >= interval) this.#save(attempt, now, rows)
    }
    return rows
  }

  #save(attempt: Attempt, now: number, rows: Drained[number][]): void {
    this.#unsavedStarts.delete(attempt)
    this.#unsavedHeartbeats.delete(attempt)
    attempt.savedAt = now
    rows.push({
      runId: attempt.task.runId,
      activityId: attempt.task.activityId,
      attempt: attempt.task.attempt,
      startedAt: attempt.startedAt,
      details: attempt.details === undefined ? null : JSON.stringify(attempt.details),
    })
  }
}
