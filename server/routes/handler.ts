/**
 * What a route is handed and what it gives back. A route takes checked input, asks the engine, and gives an answer; it
 * reads no header, writes no byte, and throws what it refuses.
 */
import type { ServerResponse } from 'node:http'
import type { Json, QueryBody, ReasonBody, ResumeBody, SignalBody, StartBody, UpdateBody } from '../api.ts'
import type { Engine } from '../engine-door.ts'
import type { BuiltOperationId } from '../openapi.ts'
import type { graphTextTypes } from '../operations/definitions.ts'
import type { DocumentBody } from '../requests/body.ts'
import type { ServerLimits } from '../settings.ts'

interface InNamespace {
  readonly namespace: string
}
interface OfRun extends InNamespace {
  readonly runId?: string
}
interface Paged {
  readonly limit: number
  readonly cursor?: string
}
interface Execution {
  readonly workflowId: string
}
interface Message extends Execution {
  readonly name: string
}
interface Version {
  readonly name: string
  readonly version: string
}
interface Nothing {
  readonly [key: string]: never
}

interface Input<Path, Query, Body = Nothing, Header = Nothing> {
  readonly path: Path
  readonly query: Query
  readonly header: Header
  readonly body: Body
}

/** The input of each operation, as its schemas in `operations/` leave it. */
export interface OperationInputs {
  readonly alive: Input<Nothing, Nothing>
  readonly ready: Input<Nothing, Nothing>
  readonly getOpenApi: Input<Nothing, Nothing>
  readonly getWorkflowSchema: Input<Nothing, Nothing>

  readonly deployDefinition: Input<Nothing, InNamespace & { readonly dryRun: boolean }, DocumentBody>
  readonly validateDefinition: Input<Nothing, InNamespace, DocumentBody>
  readonly listDefinitions: Input<Nothing, InNamespace & Paged>
  readonly listDefinitionVersions: Input<{ readonly name: string }, InNamespace & Paged>
  readonly getDefinition: Input<Version, InNamespace>
  readonly graphDefinition: Input<
    Version,
    InNamespace & { readonly format?: 'json' | keyof typeof graphTextTypes }
  >
  readonly deprecateDefinition: Input<Version, InNamespace>
  readonly undeprecateDefinition: Input<Version, InNamespace>
  readonly resolveDefinition: Input<
    { readonly name: string },
    InNamespace & { readonly version?: string; readonly workflowId?: string }
  >

  readonly startWorkflow: Input<Nothing, InNamespace, StartBody>
  readonly listWorkflows: Input<Nothing, InNamespace & Paged & { readonly query?: string }>
  readonly countWorkflows: Input<Nothing, InNamespace & { readonly query?: string }>
  readonly describeWorkflow: Input<Execution, OfRun>
  readonly getHistory: Input<Execution, OfRun & Paged & { readonly after: number; readonly waitNew?: string }>
  readonly streamEvents: Input<
    Execution,
    OfRun & { readonly after: number },
    Nothing,
    { readonly 'last-event-id'?: number }
  >
  readonly getResult: Input<Execution, OfRun & { readonly wait?: string; readonly follow: boolean }>
  readonly signalWorkflow: Input<Message, OfRun, SignalBody>
  readonly queryWorkflow: Input<Message, OfRun, QueryBody>
  readonly updateWorkflow: Input<Message, OfRun, UpdateBody>
  readonly cancelWorkflow: Input<Execution, OfRun, ReasonBody>
  readonly terminateWorkflow: Input<Execution, OfRun, ReasonBody>
  readonly pauseWorkflow: Input<Execution, OfRun, ReasonBody>
  readonly resumeWorkflow: Input<Execution, OfRun, ResumeBody>

  readonly listDeliveries: Input<
    Nothing,
    InNamespace & Paged & { readonly state?: 'pending' | 'dead'; readonly sink?: string }
  >
  readonly redeliver: Input<{ readonly deliveryId: string }, InNamespace>
}

export interface Call<Id extends BuiltOperationId> {
  readonly engine: Engine
  readonly limits: ServerLimits
  readonly input: OperationInputs[Id]
  /** Aborted when the caller is gone or the server stops: ends long polls and streams. */
  readonly ended: AbortSignal
  /** True from the first moment of a stop. */
  readonly draining: boolean
  /** The `Accept` header decides; the first is the default. */
  readonly preferred: (types: readonly string[]) => string
}

export type Answer =
  /** `body` is plain JSON; its type is checked where the route makes it. */
  | {
      readonly kind: 'json'
      readonly status: number
      readonly body: unknown
      readonly headers?: { readonly [name: string]: string }
    }
  | {
      readonly kind: 'text'
      readonly status: number
      readonly body: string
      readonly contentType: string
      readonly headers?: { readonly [name: string]: string }
    }
  | { readonly kind: 'empty'; readonly status: number }
  /** Writes its own body; resolves when it is done. Headers are sent before it is called. */
  | {
      readonly kind: 'stream'
      readonly contentType: string
      readonly headers: { readonly [name: string]: string }
      readonly write: (response: ServerResponse) => Promise<void>
    }

export type Handler<Id extends BuiltOperationId> = (call: Call<Id>) => Promise<Answer>
export type Handlers<Id extends BuiltOperationId> = { readonly [One in Id]: Handler<One> }

export function json<Body>(
  status: number,
  body: Body,
  headers: { readonly [name: string]: string } = {},
): Answer {
  return { kind: 'json', status, body, headers }
}

/** Absent keys stay absent: `exactOptionalPropertyTypes` tells them from undefined ones. */
export function reference(call: { path: Execution; query: OfRun }): {
  namespace: string
  workflowId: string
  runId?: string
} {
  const { namespace, runId } = call.query
  return { namespace, workflowId: call.path.workflowId, ...(runId === undefined ? {} : { runId }) }
}

/** A body's `input`: null where it was not given. */
export function payload(body: { readonly input?: Json }): Json {
  return body.input ?? null
}
