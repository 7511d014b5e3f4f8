/**
 * All that the engine asks of the interpreter, in one place: a test hands in a reducer of its own (one that throws,
 * one that decides differently), and no other file of the engine calls a function of `interpreter/`.
 */
import { describeState } from '../interpreter/describe/describe.ts'
import { dueInputs, nextWakeAt, outstandingActivities } from '../interpreter/due.ts'
import type { StoredEvent } from '../interpreter/events.ts'
import { linkPlan } from '../interpreter/expressions/link.ts'
import { foldTurn } from '../interpreter/fold.ts'
import { pendingMessages } from '../interpreter/messages/pending.ts'
import type { Program } from '../interpreter/program.ts'
import { evaluateQuery } from '../interpreter/query.ts'
import { reduce } from '../interpreter/reduce.ts'
import type { DueInputs, NextWakeAt, OutstandingActivities, Reduce } from '../interpreter/reducer-contract.ts'
import type { State } from '../interpreter/state.ts'
import type { Json } from '../schema/json.ts'
import type { Plan } from '../schema/plan.ts'
import { EventLoopPace } from './pace.ts'

export interface Interpreter {
  readonly link: (plan: Plan) => Program
  readonly reduce: Reduce
  /** One recorded turn again; throws where it does not give the recorded events. */
  readonly foldTurn: (
    program: Program,
    before: State | null,
    recorded: readonly StoredEvent[],
  ) => Promise<State>
  readonly nextWakeAt: NextWakeAt
  readonly dueInputs: DueInputs
  readonly outstandingActivities: OutstandingActivities
  /** Messages that it has taken and not dealt with. */
  readonly pendingMessages: typeof pendingMessages
  /** `input`: the payload, where the query takes one; checked. */
  readonly evaluateQuery: (program: Program, state: State, name: string, input: Json) => Promise<Json>
  readonly describeState: typeof describeState
}

/** One for the process, as there is one event loop. */
const pace = new EventLoopPace()

export const interpreter: Interpreter = {
  link: (plan) => linkPlan(plan, pace),
  reduce,
  foldTurn,
  nextWakeAt,
  dueInputs,
  outstandingActivities,
  pendingMessages,
  evaluateQuery,
  describeState,
}
