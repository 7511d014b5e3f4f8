/**
 * A golden script: a document and what happens to a run of it, in order, as YAML beside this file. Owns how one is read
 * and played on the bare reducer; how what came out is written down is `transcript.ts`'s.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { ChildEndEvent } from '../../../interpreter/child-events.ts'
import type { ErrorShape } from '../../../interpreter/errors/fault.ts'
import type { InputEvent } from '../../../interpreter/events.ts'
import type { TurnResult } from '../../../interpreter/reducer-contract.ts'
import { parseDuration } from '../../../schema/duration.ts'
import type { Json } from '../../../schema/json.ts'
import { type Answer, programOf, Run, startOf } from '../harness.ts'
import { childCompletes, childFails, childStarts, startFails, update } from '../others.ts'

/** One thing that happens. The first key names it; the others belong to it. */
export type Action =
  | ({ readonly answer: string } & Answer)
  | { readonly stopped: string }
  /** Its deadline passed before an attempt began. */
  | { readonly expires: string; readonly kind: 'ScheduleToStart' | 'ScheduleToClose' }
  | { readonly advance: string }
  | { readonly signal: string; readonly input?: Json; readonly replyTo?: string }
  | { readonly update: string; readonly input?: Json; readonly id?: string }
  | { readonly cancel: string | null }
  | { readonly terminate: string | null }
  | { readonly pause: string | null }
  | { readonly resume: null; readonly skip?: true }
  | { readonly childStarts: string }
  | { readonly childCompletes: string; readonly result: Json }
  | { readonly childEnds: string; readonly as: Ended; readonly error: ErrorShape }
  | { readonly childRefused: string; readonly error: ErrorShape }
  | { readonly signaled: string }
  | { readonly signalRefused: string; readonly error: ErrorShape }

type Ended = Exclude<ChildEndEvent['type'], 'ChildWorkflowExecutionCompleted'>

export interface Script {
  /** What a reader is to look at. */
  readonly about: string
  /** Without `dsl`, `name` and `version`. */
  readonly document: { readonly [key: string]: Json }
  readonly input?: Json
  /** More of the first event: limits, settings of activities. */
  readonly started?: Partial<Extract<InputEvent, { type: 'WorkflowExecutionStarted' }>>
  readonly then: readonly Action[]
}

/** An action, or the start, with the turns that it led to. */
export interface Played {
  readonly action: Action | { readonly start: Json }
  /** Milliseconds since the start. */
  readonly afterMs: number
  readonly turns: readonly TurnResult[]
}

export function readScript(path: string): Script {
  return parse(readFileSync(path, 'utf8')) as Script
}

export function programOfScript({ document }: Script) {
  return programOf(JSON.stringify({ dsl: 'perdure/1', name: 'golden', version: '1.0.0', ...document }))
}

export async function play(
  script: Script,
): Promise<{ readonly run: Run; readonly played: readonly Played[] }> {
  const run = new Run(programOfScript(script))
  const begun = run.now
  const played: Played[] = []
  let turns: TurnResult[] = []
  // A copy: the reducer goes on to change what it gave.
  run.onTurn = (turn) => turns.push(JSON.parse(JSON.stringify({ ...turn, state: null })))
  const take = (action: Played['action'], afterMs: number) => {
    played.push({ action, afterMs, turns })
    turns = []
  }
  const input = script.input ?? {}
  await run.feed({ ...startOf(run.program), timestamp: run.now, input, ...script.started })
  take({ start: input }, 0)
  for (const action of script.then) {
    const before = run.now
    await carryOut(run, action)
    take(action, before - begun)
  }
  return { run, played }
}

async function carryOut(run: Run, action: Action): Promise<void> {
  const at = { timestamp: run.now }
  if ('answer' in action) return run.answer(action.answer, action)
  if ('expires' in action) {
    const { id: activityId, attempt } = run.pending(action.expires)
    return run.feed({ type: 'ActivityTaskTimedOut', ...at, activityId, attempt, kind: action.kind })
  }
  if ('stopped' in action) return run.stopped(action.stopped)
  if ('advance' in action) {
    const ms = parseDuration(action.advance)
    assert.ok(ms !== null, `not a duration: ${action.advance}`)
    return run.advance(ms)
  }
  if ('signal' in action) {
    const { signal, input = {}, replyTo } = action
    const sender = replyTo === undefined ? {} : { replyTo: { kind: 'caller', messageId: replyTo } as const }
    return run.feed({ type: 'WorkflowSignalReceived', ...at, signal, input, ...sender })
  }
  if ('update' in action) return update(run, action.update, action.input ?? null, action.id)
  if ('cancel' in action) return run.cancel(action.cancel)
  if ('terminate' in action) {
    return run.feed({ type: 'WorkflowExecutionTerminated', ...at, reason: action.terminate })
  }
  if ('pause' in action) return run.pause(action.pause)
  if ('resume' in action) return run.resume(action.skip === true ? { skip: true } : {})
  if ('childStarts' in action) return childStarts(run, action.childStarts)
  if ('childCompletes' in action) return childCompletes(run, action.childCompletes, action.result)
  if ('childEnds' in action) return childFails(run, action.childEnds, action.as, action.error)
  if ('childRefused' in action) return startFails(run, action.childRefused, action.error)
  if ('signaled' in action) {
    return run.feed({
      type: 'ExternalWorkflowSignaled',
      ...at,
      ...signalOf(run, action.signaled),
      runId: null,
    })
  }
  if ('signalRefused' in action) {
    const { error } = action
    return run.feed({ type: 'SignalExternalFailed', ...at, ...signalOf(run, action.signalRefused), error })
  }
  throw new Error(`no such action: ${JSON.stringify(action satisfies never)}`)
}

function signalOf(run: Run, step: string): { readonly signalId: number } {
  const found = Object.values(run.state.signalsPending).find((signal) => signal.step === step)
  assert.ok(found, `no signal under way of step ${step}`)
  return { signalId: found.id }
}
