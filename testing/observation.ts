/**
 * What `calls`, `inputs` and `compensations` of a scenario count, told from what was observed.
 * Steps of children count too: the calls are those of every run of the scenario.
 */
import type { Observation } from './drive.ts'
import type { ScriptedCall } from './scripted-executor.ts'

/** Activity steps in the order in which attempts started, compensations left out. */
export function mainCalls(seen: Observation): readonly string[] {
  return seen.calls.filter((call) => call.compensationOf === null).map((call) => call.step)
}

/**
 * The last call of a step; a compensation without an id of its own is found by its activity's name, as in the script.
 */
export function inputOfLastCall(seen: Observation, name: string): ScriptedCall | undefined {
  return (
    seen.calls.findLast((call) => call.step === name) ??
    seen.calls.findLast((call) => call.compensationOf !== null && call.activity === name)
  )
}

/** The steps whose compensation ran, in order. */
export function compensationsOf(seen: Observation): readonly string[] {
  return seen.history.flatMap((event) => (event.type === 'CompensationScheduled' ? [event.step] : []))
}
