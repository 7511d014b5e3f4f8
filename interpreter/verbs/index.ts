/** The table of verbs. A verb of the plan that is missing here does not compile. */
import type { PlanStep, VerbName } from '../../schema/plan.ts'
import type { FrameOfVerb, StepFrame } from '../state.ts'
import { activityVerb } from './activity.ts'
import { continueAsNewVerb } from './continue-as-new.ts'
import { doVerb } from './do.ts'
import { emitVerb } from './emit.ts'
import { failVerb } from './fail.ts'
import { forEachVerb } from './for-each.ts'
import { parallelVerb } from './parallel.ts'
import { returnVerb } from './return.ts'
import { setVerb } from './set.ts'
import { signalVerb } from './signal.ts'
import { statesVerb } from './states.ts'
import { switchVerb } from './switch.ts'
import { tryVerb } from './try.ts'
import { untilVerb } from './until.ts'
import type { Verb } from './verb.ts'
import { waitVerb } from './wait.ts'
import { whileVerb } from './while.ts'
import { workflowVerb } from './workflow.ts'

type VerbTable = { readonly [V in VerbName]: Verb<Extract<PlanStep, { verb: V }>, FrameOfVerb[V]> }

const verbs: VerbTable = {
  activity: activityVerb,
  workflow: workflowVerb,
  do: doVerb,
  switch: switchVerb,
  parallel: parallelVerb,
  forEach: forEachVerb,
  while: whileVerb,
  until: untilVerb,
  try: tryVerb,
  wait: waitVerb,
  set: setVerb,
  signal: signalVerb,
  emit: emitVerb,
  fail: failVerb,
  return: returnVerb,
  continueAsNew: continueAsNewVerb,
  states: statesVerb,
}

/** The machine hands a verb only steps and frames of its own name, which the table's type cannot say. */
export function verbOf(name: VerbName): Verb<PlanStep, StepFrame> {
  return verbs[name] as Verb<PlanStep, StepFrame>
}
