/**
 * Plays a scenario: starts the run, lets virtual time pass, and does what `at` says.
 * Owns the order of things: at one instant results and timers first, then the `at` entries in theirs. What came of it
 * is told by `observe.ts`.
 */

import { EngineError } from '../engine/index.ts'
import type { Execution, Finding, Observation } from './observation.ts'
import { observeRefusal, observeRun } from './observe.ts'
import { Performer } from './perform.ts'
import type { Scenario } from './scenario.ts'
import type { World } from './world.ts'

/** How often the clock of one scenario may move, unless the caller says otherwise: more is a workflow that never ends. */
export const defaultClockMoves = 20_000

export async function playScenario(
  world: World,
  scenario: Scenario,
  execution: Execution,
  clockMoves: number,
): Promise<Observation> {
  const player = new Player(world, scenario, execution, clockMoves)
  return player.play()
}

/** Ends the scenario where it stands. */
class Stop extends Error {
  readonly finding: Finding
  constructor(finding: Finding) {
    super(finding.message)
    this.finding = finding
  }
}

class Player {
  readonly #world: World
  readonly #scenario: Scenario
  readonly #execution: Execution
  readonly #clockMoves: number
  readonly #findings: Finding[] = []
  readonly #performer: Performer
  #runId = ''
  #moves = 0

  constructor(world: World, scenario: Scenario, execution: Execution, clockMoves: number) {
    this.#clockMoves = clockMoves
    this.#world = world
    this.#scenario = scenario
    this.#execution = execution
    this.#performer = new Performer(world, execution, this.#findings, () => this.#rest())
  }

  async play(): Promise<Observation> {
    try {
      const refusal = await this.#start()
      if (refusal !== null) return observeRefusal(refusal, this.#findings)
      await this.#letTimePass()
      await this.#performer.hearAnswers(() => this.#isOver())
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      this.#findings.push(error.finding)
    }
    const runIds = { first: this.#runId, last: this.#lastRun() }
    return observeRun(this.#world, this.#execution, runIds, this.#findings)
  }

  /** The run that the scenario is about: the last of its chain, unless it expects the first to continue as new. */
  #lastRun(): string {
    if (this.#scenario.expect.status === 'continuedAsNew') return this.#runId
    return this.#world.book.lastOf(this.#runId)
  }

  /** Closed, and whom its close (or anything before) asked to stop has stopped: children clean up, too. */
  #isOver(): boolean {
    const { book } = this.#world
    return book.isClosed(this.#lastRun()) && !book.isStopping
  }

  async #start(): Promise<EngineError | null> {
    const { namespace, workflowId, workflow, version } = this.#execution
    try {
      const started = await this.#world.request((engine) =>
        engine.startExecution({
          namespace,
          workflow,
          version,
          workflowId,
          requestId: 'scenario-start',
          ...(this.#scenario.input === undefined ? {} : { input: this.#scenario.input }),
        }),
      )
      this.#runId = started.runId
    } catch (error) {
      if (error instanceof EngineError) return error
      throw error
    }
    await this.#rest()
    return null
  }

  async #letTimePass(): Promise<void> {
    const { at, expect } = this.#scenario
    for (const [index, entry] of at.entries()) {
      await this.#runUntil(this.#world.clock.startedAt + entry.afterMs)
      await this.#performer.perform(entry, index)
      await this.#rest()
    }
    const last = at.at(-1)
    if (expect.status === 'running' && last !== undefined)
      return this.#runUntil(this.#world.clock.startedAt + last.afterMs)
    while (!this.#isOver() && (await this.#move()));
  }

  /** Lets everything happen that is due up to and at `instant`. */
  async #runUntil(instant: number): Promise<void> {
    for (;;) {
      const next = this.#world.clock.nextAt()
      if (next === null || next > instant) break
      await this.#move()
    }
    this.#world.clock.advanceTo(instant)
  }

  async #move(): Promise<boolean> {
    this.#moves += 1
    if (this.#moves > this.#clockMoves)
      throw new Stop({
        path: this.#scenario.path,
        message: `the clock moved ${this.#clockMoves} times (clockMoves) and the run is still open: it may never end; expect "status: running" with an "at" entry to stop it`,
      })
    const moved = await this.#world.clock.fireNext()
    await this.#rest()
    return moved
  }

  async #rest(): Promise<void> {
    await this.#world.rest()
    const failure = this.#world.executor.failure
    if (failure !== null)
      throw new Stop({
        path: failure.path ?? [...this.#scenario.path, 'activities'],
        message: failure.message,
        step: failure.step,
      })
  }
}
