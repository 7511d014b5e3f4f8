/**
 * Real activities beside scripted ones: what has a script is played, what is registered runs. While a real one runs,
 * virtual time stands still, so it takes none.
 * Owns the choice; a crash ends real activities with the engine, as it would end the process.
 */
import type { ActivityExecutor, ActivityTask, AttemptOutcome, TaskKey } from '../engine/index.ts'
import type { OutsideExecutor } from './outside.ts'
import type { ScriptedCall, ScriptedExecutor, ScriptFailure } from './scripted-executor.ts'

export class MixedExecutor implements OutsideExecutor {
  readonly #scripted: ScriptedExecutor
  readonly #runner: ActivityExecutor
  readonly #counting: 'all' | 'scripted'
  readonly #running = new Set<symbol>()
  #waiting: (() => void)[] = []

  constructor(
    scripted: ScriptedExecutor,
    runner: ActivityExecutor,
    /** Whether calls of real activities are told, too. */
    counting: 'all' | 'scripted',
  ) {
    this.#scripted = scripted
    this.#runner = runner
    this.#counting = counting
  }

  get calls(): readonly ScriptedCall[] {
    return this.#scripted.calls
  }

  get failure(): ScriptFailure | null {
    return this.#scripted.failure
  }

  settled(): Promise<void> | null {
    if (this.#running.size === 0) return null
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  forEngine(): ActivityExecutor & { retire(): void } {
    const runner = this.#runner
    const scripted = this.#scripted.forEngine()
    const real = new Map<string, { readonly key: TaskKey; readonly id: symbol }>()
    const end = (key: TaskKey) => {
      const running = real.get(keyText(key))
      real.delete(keyText(key))
      if (running !== undefined) this.#end(running.id)
    }
    const isScripted = (task: ActivityTask) =>
      this.#scripted.hasScript(task) || runner.find(task.activity, task.versionRange) === null
    const owner = (key: TaskKey): ActivityExecutor => (real.has(keyText(key)) ? runner : scripted)
    return {
      find: (activity, versionRange) =>
        runner.find(activity, versionRange) ?? scripted.find(activity, versionRange),
      mayStart: (task) => !isScripted(task) || (scripted.mayStart?.(task) ?? true),
      dispatch: (task: ActivityTask, report: (outcome: AttemptOutcome) => void) => {
        if (isScripted(task)) return scripted.dispatch(task, report)
        if (this.#counting === 'all') this.#scripted.countElsewhere(task)
        const id = Symbol(task.step)
        end(task)
        real.set(keyText(task), { key: task, id })
        this.#running.add(id)
        runner.dispatch(task, (outcome) => {
          report(outcome)
          if (real.get(keyText(task))?.id === id) end(task)
        })
      },
      isStarted: (key) => owner(key).isStarted(key),
      cancel: (key) => owner(key).cancel(key),
      forget: (key) => {
        owner(key).forget(key)
        end(key)
      },
      drainAttempts: (now) => runner.drainAttempts(now),
      // The runner serves the next engine, too.
      stop: async () => {},
      retire: () => {
        scripted.retire()
        for (const { key } of [...real.values()]) {
          runner.forget(key)
          end(key)
        }
      },
    }
  }

  #end(id: symbol): void {
    this.#running.delete(id)
    if (this.#running.size > 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

function keyText(key: TaskKey): string {
  return `${key.runId}/${key.activityId}`
}
