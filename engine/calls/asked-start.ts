/**
 * A start as a caller asks for it: everything that is refused before a run exists, and what the run begins with.
 * Owns that, not how the run comes into the store: `starts.ts` and `starts-in.ts`, which call it.
 */
import type { Instant, WorkflowSignalReceived } from '../../interpreter/events.ts'
import type { Program } from '../../interpreter/program.ts'
import { isStateMachine } from '../../interpreter/states/states.ts'
import { absentInput } from '../../schema/input.ts'
import type { Json } from '../../schema/json.ts'
import type { NewRun } from '../../storage/contract.ts'
import type { StartRequest } from '../contract.ts'
import { checkedInput, checkedPayload, storablePayload } from '../doors/payload-checks.ts'
import { checkDuration, checkId } from '../doors/request-texts.ts'
import { checkValue } from '../doors/value-door.ts'
import type { Driver } from '../driver.ts'
import { EngineError } from '../engine-error.ts'
import { newRunId, newWorkflowId } from '../run-id.ts'
import type { QueuedInput } from '../runs/input-queue.ts'
import type { RunIdentity } from '../runs/run-activities.ts'
import type { Definitions } from './definitions.ts'
import { startSignalId } from './operations.ts'

/** A run that is not written yet. */
export interface Unborn {
  readonly identity: RunIdentity
  readonly run: NewRun
  /** Its start, and the signal that comes with it: what it must never be without. */
  readonly inputs: readonly QueuedInput[]
}

export interface AskedStart {
  readonly workflowId: string
  readonly version: string
  readonly program: Program
  readonly signal: WorkflowSignalReceived | null
  /** Another run at each call. */
  unborn(startedAt: Instant, owned: boolean): Unborn
}

/** Throws what the caller did wrong, and `WorkflowNotFound`. */
export async function askedStart(
  request: StartRequest,
  { definitions, driver }: { readonly definitions: Definitions; readonly driver: Driver },
): Promise<AskedStart> {
  const { namespace, workflow, requestId, taskQueue } = request
  const { firstEvents, programs } = driver
  const { payloadBytes } = firstEvents
  const workflowId =
    request.workflowId === undefined ? newWorkflowId() : checkId('the workflow id', request.workflowId)
  if (requestId !== undefined) checkId('the request id', requestId)
  if (taskQueue !== undefined) checkId('the task queue', taskQueue)
  const timeoutMs = request.timeout === undefined ? undefined : checkDuration('timeout', request.timeout)
  const startDelayMs = request.startDelay === undefined ? 0 : checkDuration('startDelay', request.startDelay)
  const { version } = await definitions.resolve(namespace, workflow, request.version)
  const { program } = await programs.get(namespace, workflow, version)
  const given = request.input === undefined ? absentInput(program.plan.inputSchema) : request.input
  const { input, bytes } = checkedInput(program, given, payloadBytes)
  const signal = signalOf(program, request, payloadBytes)
  const signalBytes = signal === null ? 0 : JSON.stringify(signal).length
  const memo = shownText('memo', request.memo, payloadBytes)
  const searchAttributes = shownText('searchAttributes', request.searchAttributes, payloadBytes)
  return {
    workflowId,
    version,
    program,
    signal,
    unborn(startedAt, owned) {
      const runId = newRunId(startedAt)
      const started = firstEvents.of(program, {
        workflowId,
        runId,
        timestamp: startedAt,
        input,
        attempt: 1,
        parent: null,
        ...(taskQueue !== undefined && { taskQueue }),
        ...(timeoutMs !== undefined && { timeoutMs }),
        ...(startDelayMs > 0 && { startDelayMs }),
        ...(request.memo !== undefined && { memo: request.memo }),
        ...(request.searchAttributes !== undefined && { searchAttributes: request.searchAttributes }),
      })
      const inputs: QueuedInput[] = [{ event: started, bytes, seq: null }]
      if (signal !== null)
        inputs.push({ event: { ...signal, timestamp: startedAt }, bytes: signalBytes, seq: null })
      return {
        identity: { namespace, workflowId, runId, workflow, version, firstRunId: runId },
        run: {
          namespace,
          workflowId,
          workflow,
          version,
          startedAt,
          owned,
          idReuse: request.idReuse ?? 'allow',
          requestId: requestId ?? null,
          memo,
          searchAttributes,
          firstRunId: null,
          parent: null,
        },
        inputs,
      }
    },
  }
}

function signalOf(
  program: Program,
  { signal, requestId }: StartRequest,
  payloadBytes: number,
): WorkflowSignalReceived | null {
  if (signal === undefined) return null
  const payload = storablePayload('signal', signal.input ?? null, payloadBytes)
  return {
    type: 'WorkflowSignalReceived',
    timestamp: 0,
    signal: signal.name,
    input: checkedPayload(program, 'signal', signal.name, payload),
    ...(requestId !== undefined && { requestId }),
    ...(isStateMachine(program) && {
      replyTo: { kind: 'caller', messageId: startSignalId(requestId) },
    }),
  }
}

function shownText(what: string, value: Json | undefined, payloadBytes: number): string | null {
  if (value === undefined) return null
  const checked = checkValue(value, payloadBytes)
  if (checked.problem === null) return JSON.stringify(checked.value)
  const code = checked.problem.kind === 'size' ? 'LimitExceeded' : 'RequestInvalid'
  throw new EngineError(code, `${what} ${checked.problem.message}`)
}
