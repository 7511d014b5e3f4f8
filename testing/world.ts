/**
 * What one scenario runs in: a virtual clock and scripted activities that outlive crashes, and one engine after
 * another over the same store. Owns crash and recovery; what happens when is `drive.ts`.
 */
import type { EngineUnderTest } from '../engine/index.ts'
import { type EngineLife, type EngineMaker, startLife } from './engine-life.ts'
import type { OutsideExecutor } from './outside.ts'
import { RunBook } from './run-book.ts'
import type { CommittedTurn, CrashPoint } from './store-life.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** Real time that the engine may take to come to rest at one instant; beyond it something hangs. */
const restTimeoutMs = 60_000

export class World {
  readonly clock: VirtualClock
  readonly executor: OutsideExecutor
  /** What its runs came to, in all lives. */
  readonly book = new RunBook()
  readonly #maker: EngineMaker
  readonly #crashPoint: CrashPoint | null
  #commits = 0
  #crashed = false
  #life: EngineLife | null = null
  /** The next life, while it starts. */
  #recovery: Promise<void> | null = null

  constructor(parts: {
    readonly clock: VirtualClock
    readonly executor: OutsideExecutor
    readonly maker: EngineMaker
    /** The engine dies there, once. */
    readonly crashPoint: CrashPoint | null
  }) {
    this.clock = parts.clock
    this.executor = parts.executor
    this.#maker = parts.maker
    this.#crashPoint = parts.crashPoint
  }

  /** Commits that wrote events, in all lives. */
  get commits(): number {
    return this.#commits
  }

  /** True once the crash point was reached. */
  get crashed(): boolean {
    return this.#crashed
  }

  async start(): Promise<void> {
    this.#life = await startLife({
      maker: this.#maker,
      clock: this.clock,
      executor: this.executor,
      watcher: {
        beforeCommit: () => this.#isCrashPoint('before', this.#commits + 1),
        afterCommit: (turns) => this.#committed(turns),
      },
    })
  }

  /** The last engine goes as the others do: nothing of a scenario needs to be handed over. */
  stop(): void {
    this.#life?.drop()
    this.#life = null
  }

  /** Throws the engine away as it stands and builds another one over its store. */
  crash(): Promise<void> {
    this.stop()
    this.#recovery ??= this.start().finally(() => {
      this.#recovery = null
    })
    return this.#recovery
  }

  /**
   * A request from outside. When the engine dies before it has answered, the next one is asked again, as a caller
   * would; so what is asked must be safe to repeat (starts and signals carry a request id).
   */
  async request<T>(ask: (engine: EngineUnderTest) => Promise<T>): Promise<T> {
    for (;;) {
      const life = await this.#living()
      if (life === null) throw new Error('the engine of this scenario is not running')
      const answer = ask(life.engine).then((value) => ({ value }))
      const first = await Promise.race([answer, life.killed])
      if (first !== undefined) return first.value
      await this.#after(life)
    }
  }

  /** Waits until the engine is quiet, whatever crashes on the way. */
  async rest(): Promise<void> {
    for (;;) {
      const life = await this.#living()
      if (life === null) return
      const commitsBefore = this.#commits
      const end = await firstOf([
        life.engine.quiet().then(() => 'quiet' as const),
        life.killed.then(() => 'killed' as const),
      ])
      if (end === 'timeout')
        throw new Error(
          `the engine did not come to rest within ${restTimeoutMs} ms of real time: something hangs`,
        )
      if (end === 'killed') await this.#after(life)
      else if (
        this.#crashPoint?.phase === 'atRest' &&
        !this.#crashed &&
        this.#commits >= this.#crashPoint.commit
      ) {
        this.#crashed = true
        life.begin()
        await this.crash()
      } else if (commitsBefore === this.#commits) {
        life.begin()
        const settled = this.executor.settled()
        if (settled === null) return
        await Promise.race([settled, life.killed])
      }
    }
  }

  async #living(): Promise<EngineLife | null> {
    await this.#recovery
    return this.#life
  }

  /** This life is over: the next one is started, unless somebody has done so. */
  async #after(life: EngineLife): Promise<void> {
    if (this.#life === life) await this.crash()
    else await this.#recovery
  }

  #isCrashPoint(phase: CrashPoint['phase'], commit: number): boolean {
    const point = this.#crashPoint
    if (this.#crashed || point === null || point.phase !== phase || point.commit !== commit) return false
    this.#crashed = true
    return true
  }

  #committed(turns: readonly CommittedTurn[]): boolean {
    this.#commits += 1
    for (const turn of turns) this.book.take(turn)
    return this.#isCrashPoint('after', this.#commits)
  }
}

/** `timeout` where none of them settles within `restTimeoutMs`. */
async function firstOf<T>(promises: readonly Promise<T>[]): Promise<T | 'timeout'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), restTimeoutMs)
  })
  try {
    return await Promise.race([...promises, late])
  } finally {
    clearTimeout(timer)
  }
}
