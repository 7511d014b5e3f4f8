/**
 * What an item of a `forEach` costs the reducer, in microseconds, at each tenth of a long list: it must stay the same
 * from the first to the last. Run: `node --expose-gc --import tsx bench/micro/for-each.ts [items] [concurrency]`. Prints
 * one JSON line per shape; no test, since figures depend on the machine.
 */
import { dueInputs, nextWakeAt, outstandingActivities } from '../../interpreter/due.ts'
import type { InputEvent } from '../../interpreter/events.ts'
import { linkPlan } from '../../interpreter/expressions/link.ts'
import type { Program } from '../../interpreter/program.ts'
import { reduce } from '../../interpreter/reduce.ts'
import type { AttemptView, TurnResult } from '../../interpreter/reducer-contract.ts'
import type { Json } from '../../schema/json.ts'
import { loadDocument } from '../../schema/load.ts'

const itemCount = Number(process.argv[2] ?? 100_000)
const concurrency = Number(process.argv[3] ?? 50)

const shapes: { readonly [name: string]: string } = {
  activity: `do: [ { id: work, activity: x, input: { id: "\${ item.id }" } } ]\n    collect: \${ steps.work }`,
  tolerate: `do: [ { id: work, activity: x, input: { id: "\${ item.id }" } } ]\n    tolerate: 10%`,
  jsonata: `do: [ { id: work, activity: x, input: "\${ { 'id': item.id & '!', 'n': $count(input.few) } }" } ]`,
}

const everythingDispatched: AttemptView = { dispatched: () => true, started: () => true }

for (const [name, body] of Object.entries(shapes)) await measure(name, programOf(body))

function programOf(body: string): Program {
  const yaml = `
dsl: perdure/1
name: bench
version: 1.0.0
steps:
  - id: all
    forEach: input.items
    concurrency: ${concurrency}
    ${body}
`
  const { plan, problems } = loadDocument(yaml)
  if (plan === null || plan === undefined) throw new Error(JSON.stringify(problems))
  return linkPlan(plan)
}

async function measure(name: string, program: Program): Promise<void> {
  const items: Json = Array.from({ length: itemCount }, (_, n) => ({ id: `item-${n}`, n }))
  let result: TurnResult = await reduce(program, null, [
    {
      type: 'WorkflowExecutionStarted',
      timestamp: 1,
      workflowId: 'w',
      runId: '0190a000-0000-7000-8000-000000000001',
      workflow: 'bench',
      version: '1.0.0',
      digest: program.plan.digest,
      input: { items, few: [1, 2, 3] },
      attempt: 1,
      parent: null,
      activities: {},
      limits: {},
      flags: [],
    },
  ])
  const queue: number[] = []
  const due = (turn: TurnResult) => {
    for (const effect of turn.effects) if (effect.kind === 'dispatchActivity') queue.push(effect.activityId)
  }
  due(result)
  const microsecondsPerItem: number[] = []
  const heapMegabytes: number[] = []
  const tenth = itemCount / 10
  let begun = processorMicroseconds()
  for (let finished = 1; queue.length > 0; finished++) {
    const activityId = queue.shift() ?? 0
    const base = { timestamp: finished, activityId, attempt: 1 }
    const inputs: InputEvent[] = [
      { type: 'ActivityTaskStarted', ...base, startedAt: finished },
      { type: 'ActivityTaskCompleted', ...base, result: { id: activityId, ok: true } },
    ]
    result = await reduce(program, result.state, inputs)
    // What the driver asks of the state after each turn.
    nextWakeAt(result.state, everythingDispatched)
    dueInputs(result.state, finished, everythingDispatched)
    outstandingActivities(result.state, finished, everythingDispatched)
    due(result)
    if (finished % tenth === 0) {
      microsecondsPerItem.push(round((processorMicroseconds() - begun) / tenth))
      globalThis.gc?.()
      heapMegabytes.push(round(process.memoryUsage().heapUsed / 1024 / 1024))
      begun = processorMicroseconds()
    }
  }
  const snapshotBegun = performance.now()
  const snapshotBytes = JSON.stringify(result.state).length
  console.log(
    JSON.stringify({
      shape: name,
      itemCount,
      concurrency,
      microsecondsPerItem,
      heapMegabytes,
      snapshotBytes,
      snapshotMilliseconds: round(performance.now() - snapshotBegun),
      phase: result.state.phase.kind,
    }),
  )
}

/** Of this process alone: the clock would count its neighbours. */
function processorMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
