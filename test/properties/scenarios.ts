/**
 * A random family as a scenario: what its activities answer, and what people do to it and when.
 * Owns both; all of it follows from one number.
 */
import { nextRandom, seedFrom } from '../../interpreter/values/random.ts'
import type { AtEntry, Scenario, Script, ScriptEntry, ScriptedOutcome } from '../../testing/scenario.ts'
import type { ScriptedStep } from './build.ts'
import type { Family } from './documents.ts'

type Draw = () => number

export function randomScenario(family: Family, seed: string): Scenario {
  const state = seedFrom(seed)
  const draw: Draw = () => nextRandom(state)
  return {
    name: 'random',
    path: [],
    input: { round: 1, ms: 1 + Math.floor(draw() * 5_000) },
    script: scriptOf(family, seed),
    at: entriesOf(family, draw),
    expect: { path: [] },
    notSupported: [],
  }
}

/** Each step draws from a source of its own, so that a smaller document keeps the answers of the steps that it keeps. */
function scriptOf(family: Family, seed: string): Script {
  const script = new Map<string, readonly ScriptEntry[]>()
  for (const { scripted } of family)
    for (const step of scripted) {
      const state = seedFrom(`${seed}/${step.id}`)
      const draw: Draw = () => nextRandom(state)
      script.set(
        step.id,
        Array.from({ length: 1 + Math.floor(draw() * 3) }, () => entryOf(step, draw)),
      )
    }
  return script
}

function entryOf(step: ScriptedStep, draw: Draw): ScriptEntry {
  const dice = draw()
  const outcome = outcomeOf(draw, step.undoes ? 0.85 : 0.7)
  // Milliseconds of their own: what ends at one instant by chance has no order between executions.
  const takes = draw() < 0.2 ? 0 : 1 + Math.floor(draw() * (step.isBrief ? 4_900 : 30_000))
  if (step.mayNeverStart && dice < 0.1) return { path: [], outcome, takes: 'never starts' }
  if (dice < 0.15 && !step.isBrief) return { path: [], outcome, takes: 'forever' }
  return { path: [], outcome, takes }
}

function outcomeOf(draw: Draw, successes: number): ScriptedOutcome {
  if (draw() < successes) return { kind: 'returns', value: Math.floor(draw() * 10) }
  return {
    kind: 'throws',
    error: {
      type: ['Down', 'Chosen', 'Other'][Math.floor(draw() * 3)] ?? 'Down',
      message: 'by chance',
      ...(draw() < 0.2 ? { retryable: false } : {}),
      ...(draw() < 0.1 ? { retryAfterMs: 1 + Math.floor(draw() * 9_000) } : {}),
    },
  }
}

/** Ends with what lets a run go on that somebody or a saga has paused. */
function entriesOf([main]: Family, draw: Draw): readonly AtEntry[] {
  const entries: AtEntry[] = []
  const some = Math.floor(draw() * 6)
  for (let n = 0; n < some; n++) {
    const base = { path: [n], afterMs: Math.floor(draw() * 60_000) }
    const input = Math.floor(draw() * 6)
    const dice = draw()
    const any = { kind: 'any' } as const
    const signal = main.signals[Math.floor(draw() * main.signals.length)] ?? 'go'
    const update = main.updates[Math.floor(draw() * main.updates.length)] ?? 'poke'
    if (dice < 0.4) entries.push({ ...base, kind: 'signal', name: signal, input })
    else if (dice < 0.6) entries.push({ ...base, kind: 'update', name: update, input, answer: any })
    else if (dice < 0.7) entries.push({ ...base, kind: 'query', name: 'plus', input, answer: any })
    else if (dice < 0.8) entries.push({ ...base, kind: 'pause' })
    else if (dice < 0.85) entries.push({ ...base, kind: 'resume', skip: draw() < 0.5 })
    else if (dice < 0.97) entries.push({ ...base, kind: 'cancel', reason: 'by chance' })
    else entries.push({ ...base, kind: 'terminate', reason: 'by chance' })
  }
  for (const afterMs of [120_000, 3_700_000, 7_300_000, 40_000_000])
    entries.push({ path: [entries.length], afterMs, kind: 'resume', skip: afterMs > 120_000 })
  return entries.toSorted((one, other) => one.afterMs - other.afterMs)
}
