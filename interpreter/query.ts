/** Queries: a template over the live scope. Never changes anything, and works on closed runs. */
import type { Json } from '../schema/json.ts'
import { Fault } from './errors/fault.ts'
import { render } from './expressions/render.ts'
import { runScope } from './fibers/scope.ts'
import { trialContext } from './fibers/trial-context.ts'
import type { Program } from './program.ts'
import type { State } from './state.ts'
import { withinPayload } from './templates/payload.ts'

/**
 * `payload` is the scope's `query`, of a query with a `schema` (which the caller has checked it against); null where the
 * sender gave none. Throws a `Fault` (`ExpressionUndefined`, `ExpressionError`, `LimitExceeded`) where the template fails.
 */
export async function evaluateQuery(
  program: Program,
  state: State,
  name: string,
  payload: Json = null,
): Promise<Json> {
  const query = program.plan.queries[name]
  if (query === undefined)
    throw new Fault({ type: 'QueryNotDeclared', message: `no query \`${name}\``, retryable: false })
  const scope = query.schema === undefined ? runScope(state) : runScope(state, { query: payload })
  const answer = await render(program, query.value, scope, trialContext(state).context)
  return withinPayload(state.limits, answer, `the answer of the query \`${name}\``)
}
