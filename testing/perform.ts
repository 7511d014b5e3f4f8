/**
 * Does what the `at` entries of a scenario say, and holds what comes back against what they expect.
 * Owns the requests, each safe to repeat: when the engine dies before it has answered, the next one is asked again.
 * When each entry's time has come is `drive.ts`'s.
 */
import { EngineError, type EngineUnderTest, type Json, type JsonObject } from '../engine/index.ts'
import { compareValues } from './compare.ts'
import { jsonOf } from './json-of.ts'
import type { Execution, Finding } from './observation.ts'
import { refusalOf } from './observe.ts'
import type { AtEntry, DocumentPath } from './scenario.ts'
import type { World } from './world.ts'

type UpdateEntry = Extract<AtEntry, { readonly kind: 'update' }>

/** Real time that an answer may take which must be there already. */
const answerWaitMs = 10_000
const answerPollMs = 5
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Operations that carry no request id, by the event that tells that one was taken. */
const operationEvents = {
  cancel: 'WorkflowExecutionCancelRequested',
  terminate: 'WorkflowExecutionTerminated',
  pause: 'WorkflowExecutionPaused',
  resume: 'WorkflowExecutionResumed',
} as const

export class Performer {
  readonly #world: World
  readonly #ref: { readonly namespace: string; readonly workflowId: string }
  readonly #findings: Finding[]
  readonly #rest: () => Promise<void>
  /** Of signals that wait for a state to be left; they settle when it was. */
  readonly #unheard: { readonly entry: AtEntry; readonly outcome: Promise<void> }[] = []
  /** Accepted, and their handlers run: a handler may take virtual time, so nobody waits for it at its entry. */
  readonly #unanswered: { readonly entry: UpdateEntry; readonly updateId: string }[] = []

  constructor(world: World, execution: Execution, findings: Finding[], rest: () => Promise<void>) {
    this.#world = world
    this.#ref = { namespace: execution.namespace, workflowId: execution.workflowId }
    this.#findings = findings
    this.#rest = rest
  }

  async perform(entry: AtEntry, index: number): Promise<void> {
    const ref = this.#ref
    switch (entry.kind) {
      case 'crash':
        return this.#world.crash()
      case 'signal':
        return this.#signal(entry, `scenario-signal-${index}`)
      case 'query': {
        const { answer } = entry
        const ask = () => this.#world.request((engine) => engine.query(ref, entry.name, entry.input))
        if (answer.kind === 'error') return this.#expectRefusal(entry, answer.error, ask)
        return this.#expectRefusal(entry, null, async () => {
          const got = await ask()
          if (answer.kind === 'value')
            this.#compare([...entry.path, 'expect'], whatOf(entry), answer.value, got)
        })
      }
      case 'update':
        return this.#update(entry, entry.updateId ?? `scenario-update-${index}`)
      case 'cancel':
      case 'terminate':
        return this.#expectRefusal(entry, null, () =>
          this.#once(entry.kind, (engine) => engine[entry.kind](ref, entry.reason ?? undefined)),
        )
      case 'pause':
        return this.#expectRefusal(entry, null, () => this.#once('pause', (engine) => engine.pause(ref)))
      case 'resume':
        return this.#expectRefusal(entry, null, () =>
          this.#once('resume', (engine) => engine.resume(ref, { skip: entry.skip })),
        )
      default:
        return entry satisfies never
    }
  }

  /** When the scenario is over: what became of the messages whose answers took their time. */
  async hearAnswers(isOver: () => boolean): Promise<void> {
    for (const { entry, outcome } of this.#unheard.splice(0)) {
      const late = pause(isOver() ? answerWaitMs : answerPollMs).then(() => 'late' as const)
      if ((await Promise.race([outcome, late])) === 'late')
        this.#findings.push({
          path: entry.path,
          message: `${whatOf(entry)} has no answer: a state is still left`,
        })
    }
    for (const { entry, updateId } of this.#unanswered.splice(0)) {
      if (this.#world.book.updateOf(updateId) === 'completed' || isOver()) await this.#hear(entry, updateId)
      else
        this.#findings.push({
          path: entry.path,
          message: `${whatOf(entry)} has no answer: its handler has not ended`,
        })
    }
  }

  /**
   * Nobody waits for the answer where it takes virtual time: a state machine that is leaving a state answers when the
   * next one has been entered.
   */
  async #signal(entry: Extract<AtEntry, { readonly kind: 'signal' }>, requestId: string): Promise<void> {
    let isSettled = false
    const outcome = this.#expectRefusal(entry, entry.error ?? null, () =>
      this.#world.request((engine) => engine.signal(this.#ref, entry.name, entry.input, requestId)),
    ).finally(() => {
      isSettled = true
    })
    outcome.catch(() => {})
    for (;;) {
      await this.#rest()
      if (isSettled) return outcome
      if (this.#world.book.hasSignal(requestId)) {
        this.#unheard.push({ entry, outcome })
        return
      }
      await Promise.race([outcome, pause(answerPollMs)])
    }
  }

  /**
   * It is sent without waiting and the engine comes to rest: then it was accepted, or refused. A refused one is
   * asked again for its answer: nothing has changed since, so it is refused again, and it leaves no trace.
   */
  async #update(entry: UpdateEntry, updateId: string): Promise<void> {
    let refusal: EngineError | null = null
    try {
      await this.#world.request((engine) =>
        engine.update(this.#ref, entry.name, { input: entry.input, updateId, waitMs: 0 }),
      )
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      refusal = error
    }
    if (refusal !== null) return this.#answered(entry, { error: refusalOf(refusal), refused: true })
    await this.#rest()
    if (this.#world.book.updateOf(updateId) === 'accepted') this.#unanswered.push({ entry, updateId })
    else await this.#hear(entry, updateId)
  }

  async #hear(entry: UpdateEntry, updateId: string): Promise<void> {
    try {
      const { name, input } = entry
      const answer = await this.#world.request((engine) =>
        engine.update(this.#ref, name, { input, updateId, waitMs: answerWaitMs }),
      )
      if (answer.status === 'completed') this.#answered(entry, { result: answer.result })
      else if (answer.status === 'failed')
        this.#answered(entry, { error: jsonOf(answer.error), refused: false })
      else this.#findings.push({ path: entry.path, message: `${whatOf(entry)} was not answered` })
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      this.#answered(entry, { error: refusalOf(error), refused: true })
    }
  }

  #answered(
    entry: UpdateEntry,
    got: { readonly result: Json } | { readonly error: JsonObject; readonly refused: boolean },
  ): void {
    const { answer } = entry
    if ('result' in got) {
      if (answer.kind === 'error') this.#acceptedInstead(entry, answer.error)
      if (answer.kind === 'value')
        this.#compare([...entry.path, 'expect'], whatOf(entry), answer.value, got.result)
    } else if (answer.kind === 'error')
      this.#compare([...entry.path, 'error'], `error of ${whatOf(entry)}`, answer.error, got.error)
    else this.#refusedInstead(entry, got.refused ? 'was refused' : 'failed', got.error)
  }

  /** After a crash it is asked again only where history lacks it. */
  async #once(
    operation: keyof typeof operationEvents,
    ask: (engine: EngineUnderTest) => Promise<void>,
  ): Promise<void> {
    const type = operationEvents[operation]
    let takenBefore: number | null = null
    await this.#world.request(async (engine) => {
      const { runId } = await engine.describe(this.#ref)
      if (takenBefore !== null) await engine.quiet()
      const taken = await countEvents(engine, { ...this.#ref, runId }, type)
      if (takenBefore !== null && taken > takenBefore) return
      takenBefore = taken
      await ask(engine)
    })
  }

  /** `expected` null: it must be accepted. */
  async #expectRefusal(
    entry: AtEntry,
    expected: JsonObject | null,
    act: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      const got = refusalOf(error)
      if (expected === null) this.#refusedInstead(entry, 'was refused', got)
      else this.#compare([...entry.path, 'error'], `error of ${whatOf(entry)}`, expected, got)
      return
    }
    if (expected !== null) this.#acceptedInstead(entry, expected)
  }

  #acceptedInstead(entry: AtEntry, expected: JsonObject): void {
    this.#findings.push({
      path: [...entry.path, 'error'],
      message: `${whatOf(entry)} was accepted, and an error was expected`,
      expected,
    })
  }

  #refusedInstead(entry: AtEntry, how: string, got: JsonObject): void {
    this.#findings.push({
      path: entry.path,
      message: `${whatOf(entry)} ${how}: ${String(got['type'])}: ${String(got['message'])}`,
      got,
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

function whatOf(entry: AtEntry): string {
  return 'name' in entry ? `${entry.kind} ${entry.name}` : entry.kind
}

async function countEvents(
  engine: EngineUnderTest,
  run: { readonly namespace: string; readonly workflowId: string; readonly runId: string },
  type: string,
): Promise<number> {
  let count = 0
  for (let after = 0; ; ) {
    const { events, cursor } = await engine.history(run, { after })
    count += events.filter((event) => event.type === type).length
    if (cursor === null || events.length === 0) return count
    after = events.at(-1)?.eventId ?? after
  }
}
