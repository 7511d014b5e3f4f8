/**
 * The plan: a definition in its compiled form, plain immutable JSON.
 *
 * Owns the shape alone. `schema/compile.ts` makes plans, `interpreter/` runs them, nobody changes one.
 * Expressions are kept as text with their place in the document; closures are made when a plan is linked
 * (`interpreter/program.ts`), so that a plan can be stored, compared and shown.
 */
import type { Json, JsonSchema } from './json.ts'

export const planVersion = 1

export type StepId = string

/**
 * The address of a list of steps:
 * `main`, `<stepId>/do`, `<stepId>/else`, `<stepId>/case/<n>`, `<stepId>/branch/<name>`, `<stepId>/try`,
 * `<stepId>/catch/<n>`, `<stepId>/finally`, `<stepId>/compensate`, `signals/<name>`, `updates/<name>`.
 */
export type BlockKey = string

/** 1-based, as editors count. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Index into `Plan.expressions`. */
export type ExpressionIndex = number

export interface PlanExpression {
  /** The JSONata source, without its `${ }`. */
  readonly source: string
  readonly place: Place
  /** The document path of the value that holds it, such as `/steps/2/input/amount`. */
  readonly path: string
  readonly names: References
}

/** What an expression reads of the scope. `'*'`: cannot be told before it runs (`$lookup(steps, x)`), so all of it. */
export interface References {
  readonly steps: readonly StepId[] | '*'
  readonly vars: readonly string[] | '*'
  /** Other roots: `input`, `workflow`, loop variables, `error`, `signal`, … */
  readonly roots: readonly string[]
}

/** A YAML value in which strings may hold `${ }`, compiled. */
export type Template =
  | { readonly kind: 'constant'; readonly value: Json }
  | { readonly kind: 'expression'; readonly expression: ExpressionIndex }
  | { readonly kind: 'text'; readonly parts: readonly (string | ExpressionIndex)[] }
  | { readonly kind: 'list'; readonly items: readonly Template[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [key: string, value: Template])[] }

/** A duration known before the run, in milliseconds, or a template that gives a duration text. */
export type PlanDuration = { readonly ms: number } | { readonly template: Template; readonly place: Place }

/** Error types in `catch.errors` and `retry.on`: exact, or with `*` for any characters. */
export type ErrorPattern = string

export interface RetryPolicy {
  readonly initialIntervalMs: number
  readonly backoffCoefficient: number
  readonly maximumIntervalMs: number
  /** 0: without limit. */
  readonly maximumAttempts: number
  /** 0 to 1: the share of a delay by which it is spread either way. */
  readonly jitter: number
  readonly nonRetryableErrorTypes: readonly string[]
}

export type RetrySettings = Partial<RetryPolicy> & {
  readonly on?: readonly (Partial<RetryPolicy> & { readonly errors: readonly ErrorPattern[] })[]
}

/** Settings that a step, a document's defaults or an activity may name; what is absent is inherited, key by key. */
export interface ActivitySettings {
  readonly startToCloseTimeoutMs?: number
  readonly scheduleToStartTimeoutMs?: number
  readonly scheduleToCloseTimeoutMs?: number
  readonly heartbeatTimeoutMs?: number
  /** `false`: one attempt. */
  readonly retry?: RetrySettings | false
}

export type CancellationMode = 'try' | 'wait' | 'abandon'

/** Undoes a step that finished. The block holds one step or a list. */
export interface PlanCompensation {
  readonly block: BlockKey
  readonly when: 'completed' | 'attempted'
  /** What its expressions name of the scope of the step, kept when the step finishes. */
  readonly captures: References
}

interface StepBase {
  readonly id: StepId
  /** False: the id was made from the verb and the position. */
  readonly named: boolean
  readonly place: Place
  readonly description?: string
  readonly if?: ExpressionIndex
  readonly timeout?: PlanDuration
}

export interface ActivityStep extends StepBase {
  readonly verb: 'activity'
  /** Without the version range. */
  readonly activity: string
  readonly versionRange?: string
  /** Absent: `null`. */
  readonly input?: Template
  readonly taskQueue?: Template
  /** Timeouts and retry as far as they are constants; the four timeouts may also be templates. */
  readonly settings: ActivitySettings
  readonly timeoutTemplates?: {
    readonly [K in 'startToClose' | 'scheduleToStart' | 'scheduleToClose' | 'heartbeat']?: PlanDuration
  }
  readonly cancellation: CancellationMode
  readonly compensation?: PlanCompensation
  readonly priority?: Template
  readonly summary?: Template
}

export interface DoStep extends StepBase {
  readonly verb: 'do'
  readonly block: BlockKey
  /** Runs where `if` is false. */
  readonly otherwise?: BlockKey
}

export interface SwitchStep extends StepBase {
  readonly verb: 'switch'
  readonly cases: readonly { readonly when: ExpressionIndex; readonly block: BlockKey }[]
  readonly otherwise?: BlockKey
}

export type ParallelJoin = { readonly kind: 'all' }

export interface ParallelStep extends StepBase {
  readonly verb: 'parallel'
  readonly branches: readonly { readonly name: string; readonly block: BlockKey }[]
  readonly join: ParallelJoin
}

export interface ForEachStep extends StepBase {
  readonly verb: 'forEach'
  readonly items: ExpressionIndex
  readonly as: string
  readonly index: string
  readonly block: BlockKey
  /** Absent: 1. */
  readonly concurrency?: Template
  readonly collect?: Template
}

export interface WhileStep extends StepBase {
  readonly verb: 'while'
  readonly condition: ExpressionIndex
  readonly block: BlockKey
  readonly maxIterations?: Template
}

export interface UntilStep extends StepBase {
  readonly verb: 'until'
  readonly condition: ExpressionIndex
  readonly block: BlockKey
  readonly maxIterations?: Template
}

export interface PlanCatch {
  /** Absent: everything but `Canceled`. */
  readonly errors?: readonly ErrorPattern[]
  readonly if?: ExpressionIndex
  readonly as: string
  readonly block: BlockKey
}

export interface TryStep extends StepBase {
  readonly verb: 'try'
  readonly block: BlockKey
  readonly catches: readonly PlanCatch[]
  readonly finally?: BlockKey
}

export type WaitFor =
  | { readonly kind: 'duration'; readonly duration: PlanDuration }
  | { readonly kind: 'until'; readonly time: Template }
  | {
      readonly kind: 'signal'
      readonly signal: string
      readonly where?: ExpressionIndex
      readonly atMost?: PlanDuration
    }
  | { readonly kind: 'condition'; readonly condition: ExpressionIndex; readonly atMost?: PlanDuration }

export interface WaitStep extends StepBase {
  readonly verb: 'wait'
  readonly for: WaitFor
}

export interface SetStep extends StepBase {
  readonly verb: 'set'
  readonly assignments: readonly (readonly [name: string, value: Template])[]
}

export interface FailStep extends StepBase {
  readonly verb: 'fail'
  readonly failure:
    | { readonly kind: 'rethrow' }
    | {
        readonly kind: 'raise'
        readonly type: Template
        readonly message?: Template
        readonly details?: Template
        readonly retryable?: Template
      }
}

export interface ReturnStep extends StepBase {
  readonly verb: 'return'
  readonly value: Template
}

/** One verb, one member here, one file in `interpreter/verbs/`, one test. */
export type PlanStep =
  | ActivityStep
  | DoStep
  | SwitchStep
  | ParallelStep
  | ForEachStep
  | WhileStep
  | UntilStep
  | TryStep
  | WaitStep
  | SetStep
  | FailStep
  | ReturnStep

export type VerbName = PlanStep['verb']

export interface PlanSignal {
  /** Absent: any payload. */
  readonly schema?: JsonSchema
  /** Absent: waits in a buffer for `wait: { signal }`. */
  readonly block?: BlockKey
}

export interface PlanQuery {
  readonly value: Template
  /** Present: the query takes a payload of this schema, which `value` reads as `query`. */
  readonly schema?: JsonSchema
}

export interface Plan {
  readonly planVersion: typeof planVersion
  readonly name: string
  readonly version: string
  /** SHA-256 (hex) of the definition's canonical JSON. */
  readonly digest: string
  readonly description?: string
  readonly labels: { readonly [key: string]: string }
  readonly inputSchema?: JsonSchema
  /** What a result must satisfy, else the run fails with `OutputInvalid`. */
  readonly outputSchema?: JsonSchema
  readonly vars: readonly (readonly [name: string, value: Template])[]
  /** `defaults.activity`. */
  readonly activityDefaults: ActivitySettings
  readonly signals: { readonly [name: string]: PlanSignal }
  readonly queries: { readonly [name: string]: PlanQuery }
  readonly timeout?: PlanDuration
  readonly blocks: { readonly [key: BlockKey]: readonly StepId[] }
  readonly steps: { readonly [id: StepId]: PlanStep }
  readonly expressions: readonly PlanExpression[]
}
