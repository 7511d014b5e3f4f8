/**
 * The plan: a definition in its compiled form, plain immutable JSON.
 *
 * Owns the shape alone. `schema/compile/compile.ts` makes plans, `interpreter/` runs them, nobody changes one.
 * Expressions are kept as text with their place in the document; closures are made when a plan is linked
 * (`interpreter/program.ts`), so that a plan can be stored, compared and shown.
 */
import type { Json, JsonSchema } from './json.ts'
import type { ErrorPattern, RetrySettings } from './retry-policy.ts'

export type { ErrorPattern, RetryPolicy, RetrySettings } from './retry-policy.ts'

export const planVersion = 2

export type StepId = string

/**
 * The address of a list of steps:
 * `main`, `<stepId>/do`, `<stepId>/else`, `<stepId>/case/<n>`, `<stepId>/branch/<name>`, `<stepId>/try`,
 * `<stepId>/catch/<n>`, `<stepId>/finally`, `<stepId>/compensate`, `signals/<name>`, `updates/<name>`,
 * `states/<state>` (what entering it runs), `states/<state>/<n>` (what its n-th transition runs on the way).
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

/** An interval of `retry` that is a template, rendered when the step begins; `entry`: of `on`, else of the policy itself. */
export interface RetryTemplate {
  readonly key: 'initialIntervalMs' | 'maximumIntervalMs'
  readonly entry?: number
  readonly duration: PlanDuration
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
  /** Timeouts and retry as far as they are constants; what is a template stands in the two below. */
  readonly settings: ActivitySettings
  readonly timeoutTemplates?: {
    readonly [K in 'startToClose' | 'scheduleToStart' | 'scheduleToClose' | 'heartbeat']?: PlanDuration
  }
  readonly retryTemplates?: readonly RetryTemplate[]
  readonly cancellation: CancellationMode
  readonly compensation?: PlanCompensation
  readonly priority?: Template
  readonly summary?: Template
}

/** A child workflow. */
export interface WorkflowStep extends StepBase {
  readonly verb: 'workflow'
  readonly workflow: string
  /** A semver range, or a template that gives one. Absent: what a start without a version gets. */
  readonly versionRange?: Template
  /** Absent: `null`. */
  readonly input?: Template
  /** Absent: one is made from the parent's id and the step's path. */
  readonly workflowId?: Template
  /** `abandon` where `detached`. */
  readonly onParentClose: 'terminate' | 'cancel' | 'abandon'
  readonly cancellation: CancellationMode
  /** Absent or `false`: one attempt. */
  readonly retry?: RetrySettings | false
  readonly retryTemplates?: readonly RetryTemplate[]
  readonly compensation?: PlanCompensation
  /** Start and go on. */
  readonly detached: boolean
}

/** How a stack of compensations is undone. */
export interface PlanSaga {
  readonly order: 'sequential' | 'parallel'
  readonly onFailure: 'continue' | 'pause'
}

export interface DoStep extends StepBase {
  readonly verb: 'do'
  readonly block: BlockKey
  /** Runs where `if` is false. */
  readonly otherwise?: BlockKey
  /** Absent or `false`: one attempt. */
  readonly retry?: RetrySettings | false
  readonly retryTemplates?: readonly RetryTemplate[]
  /** Present: the group has a stack of its own. */
  readonly saga?: PlanSaga
}

export interface SwitchStep extends StepBase {
  readonly verb: 'switch'
  readonly cases: readonly { readonly when: ExpressionIndex; readonly block: BlockKey }[]
  readonly otherwise?: BlockKey
}

export type ParallelJoin =
  | { readonly kind: 'all' | 'any' | 'settled' }
  | { readonly kind: 'atLeast'; readonly count: Template }

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
  /** Failed items allowed; a share is of all items, rounded down. */
  readonly tolerate?: { readonly kind: 'count' | 'percent'; readonly value: number }
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

/** Signals another execution. */
export interface SignalStep extends StepBase {
  readonly verb: 'signal'
  readonly workflowId: Template
  readonly name: string
  /** Absent: `null`. */
  readonly input?: Template
}

/** Publishes a CloudEvent through the outbox. */
export interface EmitStep extends StepBase {
  readonly verb: 'emit'
  readonly type: Template
  readonly data?: Template
  readonly subject?: Template
}

export interface ContinueAsNewStep extends StepBase {
  readonly verb: 'continueAsNew'
  /** Absent: the same input. */
  readonly input?: Template
  /** An exact version or a range. Absent: the same version. */
  readonly version?: Template
}

/** The state-machine form: the whole of it is one step, alone in the block `main`. */
export interface StatesStep extends StepBase {
  readonly verb: 'states'
  readonly initial: string
  readonly states: { readonly [name: string]: PlanState }
}

export interface PlanState {
  readonly place: Place
  readonly description?: string
  /** Runs on entering. */
  readonly block?: BlockKey
  /** Tried in order when `do` has ended. */
  readonly next: readonly PlanTransition[]
  readonly catches: readonly PlanStateCatch[]
  /** By signal. */
  readonly on: { readonly [signal: string]: readonly PlanTransition[] }
  /** By time spent here. */
  readonly after: readonly { readonly delay: PlanDuration; readonly transitions: readonly PlanTransition[] }[]
  /** Present: the state is final; the run ends so after its `do`. `final: true` alone returns null. */
  readonly ending?:
    | { readonly kind: 'return'; readonly value: Template }
    | { readonly kind: 'fail'; readonly failure: FailStep['failure'] }
}

export interface PlanTransition {
  readonly to: string
  readonly place: Place
  readonly when?: ExpressionIndex
  readonly assignments: readonly (readonly [name: string, value: Template])[]
  /** Runs on the way. */
  readonly block?: BlockKey
}

export interface PlanStateCatch {
  /** Absent: everything but `Canceled`. */
  readonly errors?: readonly ErrorPattern[]
  readonly as: string
  readonly transition: PlanTransition
}

/** One verb, one member here, one file in `interpreter/verbs/`, one test. */
export type PlanStep =
  | ActivityStep
  | WorkflowStep
  | DoStep
  | SwitchStep
  | ParallelStep
  | ForEachStep
  | WhileStep
  | UntilStep
  | TryStep
  | WaitStep
  | SetStep
  | SignalStep
  | EmitStep
  | FailStep
  | ReturnStep
  | ContinueAsNewStep
  | StatesStep

export type VerbName = PlanStep['verb']

export interface PlanSignal {
  /** Absent: any payload. */
  readonly schema?: JsonSchema
  /** Absent: waits in a buffer for `wait: { signal }`. */
  readonly block?: BlockKey
  /** Handlers at once. Absent: as many as come. */
  readonly concurrency?: Template
}

export interface PlanUpdate {
  /** Absent: any payload. */
  readonly schema?: JsonSchema
  /** False: `UpdateRejected`. */
  readonly validate?: ExpressionIndex
  readonly block?: BlockKey
  /** Absent: the answer is null. */
  readonly result?: Template
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
  readonly updates: { readonly [name: string]: PlanUpdate }
  /** How the workflow's own stack is undone. */
  readonly saga: PlanSaga
  readonly timeout?: PlanDuration
  readonly blocks: { readonly [key: BlockKey]: readonly StepId[] }
  readonly steps: { readonly [id: StepId]: PlanStep }
  readonly expressions: readonly PlanExpression[]
}
