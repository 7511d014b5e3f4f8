/**
 * What the command line knows of the engine, as types: loading this file loads nothing. The commands that run an
 * engine in this process import its values when they run (`run/`, `serve`, `test`).
 */
import type { Engine, Outcome } from '../engine/contract.ts'

export type {
  DefinitionSummary,
  DeployResult,
  Engine,
  ExecutionDescription,
  ExecutionListItem,
  ExecutionRef,
  Outcome,
  StartRequest,
  WaitingFor,
} from '../engine/contract.ts'

export type HistoryEvent = Awaited<ReturnType<Engine['history']>>['events'][number]
export type WorkflowError = Extract<Outcome, { readonly error: unknown }>['error']
