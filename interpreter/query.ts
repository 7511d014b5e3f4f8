/** Queries: a template over the live scope. Never changes anything, and works on closed runs. */
import type { Json } from '../schema/json.ts'
import { render } from './expressions/render.ts'
import { Fault } from './fault.ts'
import { withinPayload } from './payload.ts'
import type { Program } from './program.ts'
import { nextRandom } from './random.ts'
import { runScope } from './scope.ts'
import type { State } from './state.ts'

/** Throws a `Fault` (`ExpressionUndefined`, `ExpressionError`, `LimitExceeded`) where the template fails. */
export async function evaluateQuery(program: Program, state: State, name: string): Promise<Json> {
  const query = program.plan.queries[name]
  if (query === undefined)
    throw new Fault({ type: 'QueryNotDeclared', message: `no query \`${name}\``, retryable: false })
  const random: State['random'] = [...state.random]
  const answer = await render(program, query.value, runScope(state), {
    now: state.now,
    random: () => nextRandom(random),
    limits: state.limits,
  })
  return withinPayload(state.limits, answer, `the answer of the query \`${name}\``)
}
