/**
 * Plays a scenario: starts the run, lets virtual time pass, and does what `at` says.
 * Owns the order of things: at one instant results and timers first, then the `at` entries in theirs. What came of it
 * is told by `observe.ts`.
 */

import { EngineError, type Json, type JsonObject } from '../engine/index.ts'
import { compareValues } from './compare.ts'
import type { Execution, Finding, Observation } from './observation.ts'
import { observeRefusal, observeRun, refusalOf } from './observe.ts'
import type { AtEntry, DocumentPath, Scenario } from './scenario.ts'
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
  #runId = ''
  #moves = 0

  constructor(world: World, scenario: Scenario, execution: Execution, clockMoves: number) {
    this.#clockMoves = clockMoves
    this.#world = world
    this.#scenario = scenario
    this.#execution = execution
  }

  async play(): Promise<Observation> {
    try {
      const refusal = await this.#start()
      if (refusal !== null) return observeRefusal(refusal, this.#findings)
      await this.#letTimePass()
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      this.#findings.push(error.finding)
    }
    return observeRun(this.#world, { ...this.#execution, runId: this.#runId }, this.#findings)
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
      await this.#perform(entry, index)
      await this.#rest()
    }
    const last = at.at(-1)
    if (expect.status === 'running' && last !== undefined)
      return this.#runUntil(this.#world.clock.startedAt + last.afterMs)
    while (!this.#world.isClosed(this.#runId) && (await this.#move()));
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

  async #perform(entry: AtEntry, index: number): Promise<void> {
    const ref = { namespace: this.#execution.namespace, workflowId: this.#execution.workflowId }
    switch (entry.kind) {
      case 'crash':
        return this.#world.crash()
      case 'signal':
        return this.#expectRefusal(entry, entry.error ?? null, () =>
          this.#world.request((engine) =>
            engine.signal(ref, entry.name, entry.input, `scenario-signal-${index}`),
          ),
        )
      case 'query': {
        const { answer } = entry
        const ask = () => this.#world.request((engine) => engine.query(ref, entry.name, entry.input))
        if (answer.kind === 'error') return this.#expectRefusal(entry, answer.error, ask)
        return this.#expectRefusal(entry, null, async () => {
          const got = await ask()
          if (answer.kind === 'value')
            this.#compare([...entry.path, 'expect'], `query ${entry.name}`, answer.value, got)
        })
      }
      case 'cancel':
        return this.#expectRefusal(entry, null, () =>
          this.#once('WorkflowExecutionCancelRequested', entry.reason),
        )
      case 'terminate':
        return this.#expectRefusal(entry, null, () => this.#once('WorkflowExecutionTerminated', entry.reason))
      default:
        return entry satisfies never
    }
  }

  /** Cancel and terminate carry no request id: after a crash they are asked again only where history lacks them. */
  async #once(
    type: 'WorkflowExecutionCancelRequested' | 'WorkflowExecutionTerminated',
    reason: string | null,
  ): Promise<void> {
    const ref = { namespace: this.#execution.namespace, workflowId: this.#execution.workflowId }
    let asked = false
    await this.#world.request(async (engine) => {
      if (asked) {
        await engine.quiet()
        const { events } = await engine.history(ref, {})
        if (events.some((event) => event.type === type)) return
      }
      asked = true
      if (type === 'WorkflowExecutionTerminated') await engine.terminate(ref, reason ?? undefined)
      else await engine.cancel(ref, reason ?? undefined)
    })
  }

  /** `expected` null: it must be accepted. */
  async #expectRefusal(
    entry: AtEntry,
    expected: JsonObject | null,
    act: () => Promise<unknown>,
  ): Promise<void> {
    const what =
      entry.kind === 'signal' || entry.kind === 'query' ? `${entry.kind} ${entry.name}` : entry.kind
    try {
      await act()
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      const got = refusalOf(error)
      if (expected === null)
        this.#findings.push({
          path: entry.path,
          message: `${what} was refused: ${error.code}: ${error.message}`,
          got,
        })
      else this.#compare([...entry.path, 'error'], `error of ${what}`, expected, got)
      return
    }
    if (expected !== null)
      this.#findings.push({
        path: [...entry.path, 'error'],
        message: `${what} was accepted, and an error was expected`,
        expected,
      })
  }

  #compare(path: DocumentPath, what: string, expected: Json, got: Json): void {
    for (const mismatch of compareValues(expected, got))
      this.#findings.push({
        path: [...path, ...mismatch.path],
        message: [what, ...mismatch.path].join('.'),
        expected: mismatch.expected,
        got: mismatch.got,
      })
  }
}
