/**
 * Steps and blocks of a plan as nodes and edges, a function per kind of step. Owns how the flow of each verb is drawn:
 * every function takes the ends that lead to a step and gives those that leave it (none: it ends the run).
 */

import type {
  BlockKey,
  DoStep,
  ExpressionIndex,
  ForEachStep,
  ParallelStep,
  Plan,
  PlanCompensation,
  PlanStep,
  StepId,
  SwitchStep,
  TryStep,
  UntilStep,
  WhileStep,
} from '../plan.ts'
import type { GraphBuilder, OpenEnd } from './builder.ts'
import type { GraphNode } from './shapes.ts'
import { describeStep } from './steps.ts'
import { errorsText, expressionText, joinText } from './text.ts'

type Parent = string | undefined
type Ends = readonly OpenEnd[]

export class FlowGraph {
  readonly plan: Plan
  readonly builder: GraphBuilder

  constructor(plan: Plan, builder: GraphBuilder) {
    this.plan = plan
    this.builder = builder
  }

  source(expression: ExpressionIndex): string {
    return expressionText(this.plan, expression)
  }

  block(key: BlockKey, parent: Parent, incoming: Ends): Ends {
    let ends = incoming
    for (const id of this.plan.blocks[key] ?? []) ends = this.step(id, parent, ends)
    return ends
  }

  /** The end of a line of control, where there is a way to it. */
  end(block: BlockKey, ends: Ends): void {
    if (ends.length === 0) return
    const parent = block === 'main' ? {} : { parent: block }
    this.builder.node({ id: `${block}/end`, kind: 'end', label: 'end', detail: [], ...parent })
    this.builder.connect(ends, `${block}/end`)
  }

  step(id: StepId, parent: Parent, incoming: Ends): Ends {
    const step = this.plan.steps[id]
    if (step === undefined) return incoming
    if (step.if === undefined) return this.verb(step, parent, incoming)
    const test = `${id}/if`
    this.builder.node({
      ...this.partOf(step, parent),
      id: test,
      kind: 'decision',
      label: this.source(step.if),
    })
    this.builder.connect(incoming, test)
    const ends = this.verb(step, parent, [{ from: test, kind: 'case', label: 'yes' }])
    const skipped: OpenEnd = { from: test, kind: 'else', label: 'no' }
    if (step.verb !== 'do' || step.otherwise === undefined) return [...ends, skipped]
    this.group(step, parent, { id: step.otherwise, label: 'else' })
    return [...ends, ...this.block(step.otherwise, step.otherwise, [skipped])]
  }

  private verb(step: PlanStep, parent: Parent, incoming: Ends): Ends {
    switch (step.verb) {
      case 'activity':
      case 'workflow':
        this.leaf(step, parent, incoming)
        if (step.compensation !== undefined) this.compensation(step, step.compensation, parent)
        return [{ from: step.id, kind: 'next' }]
      case 'wait':
      case 'set':
      case 'signal':
      case 'emit':
        this.leaf(step, parent, incoming)
        return [{ from: step.id, kind: 'next' }]
      case 'fail':
      case 'return':
      case 'continueAsNew':
        this.leaf(step, parent, incoming)
        return []
      case 'do':
        return this.doGroup(step, parent, incoming)
      case 'switch':
        return this.choice(step, parent, incoming)
      case 'parallel':
        return this.parallel(step, parent, incoming)
      case 'forEach':
      case 'while':
        return this.loop(step, parent, incoming)
      case 'until':
        return this.untilLoop(step, parent, incoming)
      case 'try':
        return this.tryGroup(step, parent, incoming)
      case 'states':
        throw new Error('bug: a state machine is the whole of a document, drawn by graph-states.ts')
    }
  }

  private partOf(step: PlanStep, parent: Parent): Omit<GraphNode, 'id' | 'kind' | 'label'> {
    const inside = parent === undefined ? {} : { parent }
    return { step: step.id, verb: step.verb, detail: [], line: step.place.line, ...inside }
  }

  private leaf(step: PlanStep, parent: Parent, incoming: Ends): void {
    const { label, detail } = describeStep(this.plan, step)
    const { id, verb } = step
    const ending = verb === 'return' || verb === 'fail' || verb === 'continueAsNew' ? { ending: verb } : {}
    this.builder.node({ ...this.partOf(step, parent), id, kind: 'step', label, detail, ...ending })
    this.builder.connect(incoming, step.id)
  }

  /** A frame; without an id of its own it is the step's. */
  private group(step: PlanStep, parent: Parent, own?: { readonly id: string; readonly label: string }): void {
    const described = own === undefined ? { id: step.id, ...describeStep(this.plan, step) } : own
    this.builder.node({ ...this.partOf(step, parent), kind: 'group', ...described })
  }

  private compensation(step: PlanStep, { block, when }: PlanCompensation, parent: Parent): void {
    this.group(step, parent, {
      id: block,
      label: when === 'attempted' ? 'undo, also if only attempted' : 'undo',
    })
    this.block(block, block, [{ from: step.id, kind: 'compensate' }])
  }

  private doGroup(step: DoStep, parent: Parent, incoming: Ends): Ends {
    this.group(step, parent)
    return this.block(step.block, step.id, incoming)
  }

  private choice(step: SwitchStep, parent: Parent, incoming: Ends): Ends {
    const { label, detail } = describeStep(this.plan, step)
    this.builder.node({ ...this.partOf(step, parent), id: step.id, kind: 'decision', label, detail })
    this.builder.connect(incoming, step.id)
    const ends = step.cases.flatMap(({ when, block }) =>
      this.block(block, parent, [{ from: step.id, kind: 'case', label: this.source(when) }]),
    )
    const rest: OpenEnd = { from: step.id, kind: 'else', label: 'else' }
    return [...ends, ...(step.otherwise === undefined ? [rest] : this.block(step.otherwise, parent, [rest]))]
  }

  private parallel(step: ParallelStep, parent: Parent, incoming: Ends): Ends {
    const [fork, join] = [`${step.id}/fork`, `${step.id}/join`]
    this.group(step, parent)
    this.builder.node({ ...this.partOf(step, step.id), id: fork, kind: 'fork', label: 'fork' })
    this.builder.connect(incoming, fork)
    const ends = step.branches.flatMap(({ name, block }) => {
      this.group(step, step.id, { id: block, label: name })
      const ends = this.block(block, block, [{ from: fork, kind: 'branch', label: name }])
      // A branch that can only fail counts all the same where the join waits for every one, failed or not.
      return ends.length === 0 && step.join.kind === 'settled'
        ? [{ from: block, kind: 'error' as const }]
        : ends
    })
    if (ends.length === 0) return []
    this.builder.node({
      ...this.partOf(step, step.id),
      id: join,
      kind: 'join',
      label: `join ${joinText(this.plan, step.join)}`,
    })
    this.builder.connect(ends, join)
    return [{ from: join, kind: 'next' }]
  }

  private loop(step: ForEachStep | WhileStep, parent: Parent, incoming: Ends): Ends {
    const each = step.verb === 'forEach'
    const test = `${step.id}/test`
    const label = each ? `each ${step.as} in ${this.source(step.items)}` : this.source(step.condition)
    this.group(step, parent)
    this.builder.node({ ...this.partOf(step, step.id), id: test, kind: 'decision', label })
    this.builder.connect(incoming, test)
    const enter: OpenEnd = { from: test, kind: 'case', label: each ? step.as : 'yes' }
    const ends = this.block(step.block, step.id, [enter])
    this.builder.connect(ends.map(backToTest), test)
    return [{ from: test, kind: 'else', label: each ? 'done' : 'no' }]
  }

  private untilLoop(step: UntilStep, parent: Parent, incoming: Ends): Ends {
    const test = `${step.id}/test`
    this.group(step, parent)
    const again: OpenEnd = { from: test, kind: 'loop', label: 'no' }
    const bodyStart = this.builder.edges.length
    const ends = this.block(step.block, step.id, [...incoming, again])
    if (ends.length === 0) {
      // No round comes to its test, so there is none to draw.
      const edges = this.builder.edges.splice(bodyStart).filter(({ from }) => from !== test)
      this.builder.edges.push(...edges)
      return []
    }
    const label = this.source(step.condition)
    this.builder.node({ ...this.partOf(step, step.id), id: test, kind: 'decision', label })
    this.builder.connect(ends, test)
    return [{ from: test, kind: 'case', label: 'yes' }]
  }

  private tryGroup(step: TryStep, parent: Parent, incoming: Ends): Ends {
    this.group(step, parent)
    this.group(step, step.id, { id: step.block, label: 'body' })
    const ends = [...this.block(step.block, step.block, incoming)]
    for (const { errors, if: condition, block } of step.catches) {
      const types = errorsText(errors)
      const label = condition === undefined ? types : `${types} if ${this.source(condition)}`
      this.group(step, step.id, { id: block, label: 'catch' })
      ends.push(...this.block(block, block, [{ from: step.block, kind: 'error', label }]))
    }
    if (step.finally === undefined) return ends
    this.group(step, step.id, { id: step.finally, label: 'finally' })
    // What no handler takes goes through `finally` too; drawn where that is all that can come to it, or there is no handler.
    const uncaught: Ends =
      step.catches.length === 0 || ends.length === 0
        ? [{ from: step.block, kind: 'error', label: 'any error' }]
        : []
    const last = this.block(step.finally, step.finally, [...ends, ...uncaught])
    return ends.length === 0 ? [] : last
  }
}

function backToTest(end: OpenEnd): OpenEnd {
  return { ...end, kind: 'loop' }
}
