/**
 * The bodies of the HTTP API as types: what `openapi.ts` says in JSON Schema, for our own client and for tests.
 * Owns shapes alone. Times here are ISO 8601 texts in UTC; durations are texts such as `30s`.
 */
import type {
  DefinitionGraph,
  DefinitionSummary,
  DeliveryView,
  DeployResult,
  ExecutionDescription,
  ExecutionListItem,
  HistoryEvent,
  Json,
  Outcome,
  Problem,
  StartRequest,
  StartResult,
  UpdateAnswer,
  WorkflowError,
} from './engine-door.ts'

export type {
  DefinitionGraph,
  DefinitionSummary,
  DeliveryView,
  DeployResult,
  ExecutionDescription,
  ExecutionListItem,
  Json,
  Outcome,
  Problem,
  UpdateAnswer,
  WorkflowError,
}

/** The fields of events that hold a moment: milliseconds inside, ISO 8601 out here. */
export type MomentField = 'timestamp' | 'startedAt' | 'fireAt' | 'willRetryAt' | 'deadlineAt'

type WithMomentTexts<Event> = {
  readonly [Field in keyof Event]: Field extends MomentField ? string : Event[Field]
}
/** Distributes over the union, so that `type` still tells the events apart. */
type Shown<Event> = Event extends unknown ? WithMomentTexts<Event> : never
export type HistoryEventView = Shown<HistoryEvent>

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Opaque; null on the last page. */
  readonly cursor: string | null
}
export interface HistoryPage {
  readonly events: readonly HistoryEventView[]
  /** Opaque; null where nothing more was recorded when the page was read. */
  readonly cursor: string | null
}

export interface ValidationAnswer {
  /** False where at least one problem is an error. */
  readonly valid: boolean
  readonly problems: readonly Problem[]
}
export interface DefinitionView extends DefinitionSummary {
  readonly format: 'yaml' | 'json'
  /** As deployed, comments and key order included. */
  readonly source: string
  /** The same as plain JSON. */
  readonly document: Json
}
export interface DefinitionVersions extends Page<DefinitionSummary> {
  readonly name: string
}
export interface ResolveAnswer {
  readonly name: string
  readonly version: string
  readonly reason: string
}

export type StartBody = Omit<StartRequest, 'namespace'>
export type StartAnswer = Omit<StartResult, 'created'>
export interface SignalBody {
  readonly input?: Json
  /** A second signal with the same request id is accepted and not delivered again. */
  readonly requestId?: string
}
export interface QueryBody {
  readonly input?: Json
}
export interface UpdateBody {
  readonly input?: Json
  /** The handler runs once for it, and a second call gets the first one's answer. Absent: a new UUID. */
  readonly updateId?: string
  /** A duration: how long to wait for the answer. Absent: as long as the server's limit for long polls. */
  readonly wait?: string
}
/**
 * The body of a 202: no answer yet, and the same call with this update id waits on. That of a 200 is the bare result;
 * a handler that failed is the problem `UpdateFailed`, whose `error` it is.
 */
export type UpdatePending = Extract<UpdateAnswer, { readonly status: 'pending' }>
export interface ReasonBody {
  readonly reason?: string
}
export interface ResumeBody extends ReasonBody {
  /** What a saga could not undo is left as it is; else it is tried again. */
  readonly skip?: boolean
}
/** The request is durable; its effect follows. */
export interface Accepted {
  readonly accepted: true
}
export interface CountAnswer {
  readonly count: number
}
export interface HealthAnswer {
  readonly status: 'alive' | 'ready'
}

/** One thing that is wrong in a request. */
export interface RequestFault {
  readonly in: 'path' | 'query' | 'header' | 'body'
  /** JSON pointer into the part that `in` names; empty for the whole of it. */
  readonly pointer: string
  readonly message: string
  readonly suggestion?: string
}

/** RFC 9457, with the members that we add. */
export interface ProblemDetails {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** The path of the request. */
  readonly instance: string
  /** Stable; listed in docs/errors.md. */
  readonly code: string
  readonly suggestion?: string
  /** Problems of a document. */
  readonly problems?: readonly Problem[]
  /** Faults of the request. */
  readonly errors?: readonly RequestFault[]
  readonly details?: Json
  /** Of `UpdateFailed`: the error of the handler. */
  readonly error?: WorkflowError
}

export const roles = ['reader', 'operator', 'author', 'worker', 'admin'] as const
export type Role = (typeof roles)[number]
