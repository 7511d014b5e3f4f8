/**
 * Counts what an evaluation costs and stops it at a limit: steps, depth and bytes, never time, so that a replay stops
 * where the run did. Owns the two hooks that jsonata calls around each step. One meter per compiled expression, begun
 * anew by `evaluation.ts`, which lets one evaluation in at a time.
 *
 * A list or an object makes jsonata start all of its parts at once. The entry hook may answer with a promise, so it
 * holds every part but the first until the one before has ended: the order is that of the text, `$random()` too, and
 * the depth is a true depth.
 */
import { Fault } from '../errors/fault.ts'
import type { EvaluationContext } from './contract.ts'
import type { Pace } from './pace.ts'
import type { Marks, Node } from './syntax.ts'

export type ExpressionLimit = 'expressionSteps' | 'expressionDepth' | 'expressionBytes'

const likelyCause: { readonly [K in ExpressionLimit]: string } = {
  expressionSteps:
    'a function that calls itself without end, or a list too long for the work on each item: do it in an activity or in a `forEach`',
  expressionDepth:
    'a function that calls itself without end: check that it stops, or make the call the last thing it does',
  expressionBytes: 'a text or a list that grows with each round: keep large data in an activity',
}

export function limitExceeded(limit: ExpressionLimit, value: number): Fault {
  const unit = { expressionSteps: 'steps', expressionDepth: 'levels', expressionBytes: 'bytes' }[limit]
  return new Fault({
    type: 'LimitExceeded',
    message: `the expression needs more than ${value} ${unit} (limit ${limit}); likely cause: ${likelyCause[limit]}`,
    details: { limit, value },
    retryable: false,
  })
}

/** What jsonata hands to its hooks. */
export interface Environment {
  readonly base: { readonly timestamp: { setTime(ms: number): unknown } }
}

interface Construct {
  readonly node: object
  /** Parts that wait for their turn, and how many had it: taking the first out of a long list copies the rest. */
  readonly held: (() => void)[]
  released: number
  /** Of a list: the items of the parts that have ended. */
  items: number
}

/** So many items of a list cost one step more: copying them takes about as long as a step does. */
const itemsPerStep = 8
const charactersPerStep = 256
const itemsGroupedPerStep = 400
const itemsAppendedPerStep = 200
const keysPerStep = 2
const wrappingsPerStep = 32
const stepsPerTupleComparison = 10
/** About a millisecond. */
const stepsPerBreath = 1_000
/** More than honest expressions need; such a one holds a few megabytes at most. */
const stepsOfShort = 50_000

export class Meter {
  private context: EvaluationContext
  private readonly pace: Pace
  /** At this step the pace is asked. Counted on from one evaluation to the next: many short ones are a long one. */
  private nextBreath = stepsPerBreath
  private isLong = false
  private steps = 0
  private depth = 0
  private bytes = 0
  private wrappings = 0
  private timeIsSet = false
  private constructs: Construct[] = []
  private opening: Construct | null = null
  /** Lists that jsonata may have put a hole into (an empty list under `{ }`): they may be the caller's. */
  private suspects: unknown[][] = []
  private sizes = new Map<object, number>()
  /** Objects of clones made for a transform: the only ones that it may change. */
  readonly owned = new Set<object>()

  constructor(context: EvaluationContext, pace: Pace) {
    this.context = context
    this.pace = pace
  }

  begin(context: EvaluationContext): void {
    this.context = context
    this.nextBreath -= this.steps
    this.steps = 0
    this.depth = 0
    this.bytes = 0
    this.wrappings = 0
    this.timeIsSet = false
    this.constructs = []
    this.opening = null
  }

  /** Undoes what jsonata did to values that it was lent. Called however the evaluation ended. */
  end(): void {
    this.context.spent?.(this.steps)
    if (this.isLong) this.pace.endLong()
    this.isLong = false
    for (const list of this.suspects) if (list.length === 1 && list[0] === undefined) list.length = 0
    this.suspects = []
    this.sizes.clear()
    this.owned.clear()
  }

  random(): number {
    return this.context.random()
  }

  /** Milliseconds: the time of the event being handled. */
  get now(): number {
    return this.context.now
  }

  /** Counts work that no hook sees. */
  work(steps: number): void {
    this.steps += steps
    const limit = this.context.limits.expressionSteps
    if (this.steps > limit) throw limitExceeded('expressionSteps', limit)
  }

  /** Counts what is built, before it is. */
  build(bytes: number): void {
    this.bytes += bytes
    const limit = this.context.limits.expressionBytes
    if (this.bytes > limit) throw limitExceeded('expressionBytes', limit)
  }

  /** Counts work that grows with the size of a value. */
  scan(value: unknown): void {
    if (typeof value === 'string') this.work(Math.floor(value.length / charactersPerStep))
    else if (Array.isArray(value)) this.work(Math.floor(value.length / itemsPerStep))
  }

  /**
   * Counts a function's arguments before the call and what it builds after. The call is a level of depth: functions
   * that call functions (`$map`) may nest without a step between.
   */
  call(run: () => unknown, args: readonly unknown[]): unknown {
    for (const argument of args) this.scan(argument)
    this.deeper(1)
    this.depth++
    const result = run()
    if (result instanceof Promise) return result.then((value: unknown) => this.built(value))
    return this.built(result)
  }

  private built(result: unknown): unknown {
    // Not reached after an error, which ends the evaluation.
    this.depth--
    if (typeof result === 'string') this.build(result.length)
    else if (typeof result === 'object' && result !== null) this.weigh(result)
    return result
  }

  /**
   * The size of a list or object as JSON, from the sizes of its parts: a value that holds the same part twice, and is
   * itself held twice, doubles without end and costs nothing until somebody walks it. Parts of the scope count as
   * small, since nothing in them is shared.
   */
  private weigh(container: object): void {
    if (this.sizes.has(container)) return
    const parts: readonly unknown[] = Array.isArray(container) ? container : Object.values(container)
    this.build(4 + 4 * parts.length)
    let size = 2
    for (const part of parts) {
      if (typeof part === 'string') size += part.length + 3
      else size += typeof part === 'object' && part !== null ? (this.sizes.get(part) ?? 2) + 1 : 2
    }
    const limit = this.context.limits.expressionBytes
    if (size > limit) throw limitExceeded('expressionBytes', limit)
    this.sizes.set(container, size)
  }

  /** What jsonata does to tell whether it holds: it lists the keys of each object. */
  private test(value: object): void {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === 'object' && item !== null) {
        this.work(Math.floor(Object.keys(item).length / keysPerStep))
      }
    }
  }

  /** For recursions of ours: throws where so many levels more would be too deep. */
  deeper(levels: number): void {
    const limit = this.context.limits.expressionDepth
    if (this.depth + levels > limit) throw limitExceeded('expressionDepth', limit)
  }

  readonly enter = (node: Node, input: unknown, environment: Environment): Promise<void> | undefined => {
    if (!this.timeIsSet) {
      // `$now`, `$millis` and `$toMillis` read this one Date of jsonata's, which it has just set to the clock.
      environment.base.timestamp.setTime(this.context.now)
      this.timeIsSet = true
    }
    const marks = node.marks
    if (marks === undefined) this.opening = null
    else {
      const held = this.enterMarked(marks, input)
      if (held !== undefined) return held
    }
    return this.count()
  }

  /** A promise where the part must wait for its turn; it is counted then. */
  private enterMarked(marks: Marks, input: unknown): Promise<void> | undefined {
    if (marks.builds === 'object' && Array.isArray(input) && input.length === 0) this.suspects.push(input)
    if (marks.group !== undefined) marks.group.keys = 0
    // jsonata copies a group's list for each item that joins it.
    if (marks.groupKey !== undefined) this.work(Math.floor(marks.groupKey.keys++ / itemsGroupedPerStep))
    if (marks.tupleSort === true) this.work(stepsPerTupleComparison)
    const opening = this.opening
    this.opening = null
    if (marks.construct === undefined) return undefined
    if (opening !== null && opening.node === marks.construct) {
      this.opening = opening
      return new Promise<void>((resolve) => opening.held.push(resolve)).then(() => this.count())
    }
    this.opening = { node: marks.construct, held: [], released: 0, items: 0 }
    this.constructs.push(this.opening)
    return undefined
  }

  private count(): Promise<void> | undefined {
    this.work(1)
    this.depth++
    const limit = this.context.limits.expressionDepth
    if (this.depth > limit) throw limitExceeded('expressionDepth', limit)
    return this.steps < this.nextBreath ? undefined : this.breathe()
  }

  private breathe(): Promise<void> | undefined {
    this.nextBreath = this.steps + stepsPerBreath
    if (this.isLong || this.steps < stepsOfShort) return this.pace.breathe()
    this.isLong = true
    return this.pace.beginLong() ?? this.pace.breathe()
  }

  readonly leave = (node: Node, _input: unknown, _environment: Environment, result: unknown): void => {
    this.opening = null
    this.depth--
    const marks = node.marks
    if (typeof result === 'string') {
      if (result.length >= charactersPerStep) this.scan(result)
      if (marks?.builds === 'text') this.build(result.length)
    } else if (typeof result === 'object' && result !== null) {
      if (Array.isArray(result)) {
        if (result.length >= itemsPerStep) this.scan(result)
        // jsonata marks the list that it was lent; only a sequence of its own needs the mark.
        if (marks?.keepsList === true && !('sequence' in result) && 'keepSingleton' in result) {
          Reflect.deleteProperty(result, 'keepSingleton')
        }
        if (marks?.builds === 'list' || 'sequence' in result) this.weigh(result)
      } else if (marks?.builds === 'object') this.weigh(result)
      if (marks?.tested === true) this.test(result)
    } else if (typeof result === 'function' && marks?.argument === true) {
      // A function of functions of functions: each call goes through all of them.
      this.work(Math.floor(this.wrappings++ / wrappingsPerStep))
    }
    if (marks?.construct !== undefined) this.leavePart(marks, result)
  }

  private leavePart(marks: Marks, result: unknown): void {
    const construct = this.constructs[this.constructs.length - 1]
    if (construct === undefined) return
    if (marks.appended === true && result !== undefined) {
      // jsonata puts the parts together at the end, and copies what it has for each: no hook sees that.
      construct.items += Array.isArray(result) ? result.length : 1
      this.work(Math.floor(construct.items / itemsAppendedPerStep))
    }
    const next = construct.held[construct.released++]
    if (next === undefined) this.constructs.pop()
    else next()
  }
}
