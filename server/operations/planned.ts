/**
 * Routes whose names are fixed already and whose work is not: each answers 501 `NotSupported`, which tells a caller
 * more than a 404 would. When one is built it moves to its resource's table.
 */
import type { Role } from '../api.ts'
import type { Method, Operation, Operations, Parameter } from './operation.ts'
import { refusal } from './responses.ts'

function planned(method: Method, path: string, what: string, role: Role | 'public'): Operation {
  return {
    method,
    path,
    tag: 'planned',
    summary: what,
    role,
    planned: true,
    parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => pathParameter(name ?? '')),
    responses: { 501: refusal('Not supported yet.') },
  }
}

function pathParameter(name: string): Parameter {
  return { name, in: 'path', required: true, description: '', schema: { type: 'string', minLength: 1 } }
}

const api = '/api/v1'
const definition = `${api}/definitions/{name}`
const workflow = `${api}/workflows/{workflowId}`
const batch = `${api}/batches/{batchId}`
const schedule = `${api}/schedules/{scheduleId}`
const task = `${api}/tasks/{taskId}`
const queue = `${api}/task-queues/{queue}`
const activityTask = `${api}/activity-tasks/{taskToken}`

export const plannedOperations: Operations = {
  getRollout: planned('get', `${definition}/rollout`, 'rollouts', 'reader'),
  putRollout: planned('put', `${definition}/rollout`, 'rollouts', 'author'),
  migrateDefinition: planned('post', `${definition}/migrations`, 'migrations', 'operator'),
  resetWorkflow: planned('post', `${workflow}/reset`, 'reset', 'operator'),
  migrateWorkflow: planned('post', `${workflow}/migrate`, 'migrations', 'operator'),
  createBatch: planned('post', `${api}/batches`, 'batches', 'operator'),
  getBatch: planned('get', batch, 'batches', 'reader'),
  pauseBatch: planned('post', `${batch}/pause`, 'batches', 'operator'),
  resumeBatch: planned('post', `${batch}/resume`, 'batches', 'operator'),
  abortBatch: planned('post', `${batch}/abort`, 'batches', 'operator'),
  listSchedules: planned('get', `${api}/schedules`, 'schedules', 'reader'),
  createSchedule: planned('post', `${api}/schedules`, 'schedules', 'operator'),
  getSchedule: planned('get', schedule, 'schedules', 'reader'),
  deleteSchedule: planned('delete', schedule, 'schedules', 'operator'),
  pauseSchedule: planned('post', `${schedule}/pause`, 'schedules', 'operator'),
  resumeSchedule: planned('post', `${schedule}/resume`, 'schedules', 'operator'),
  triggerSchedule: planned('post', `${schedule}/trigger`, 'schedules', 'operator'),
  backfillSchedule: planned('post', `${schedule}/backfill`, 'schedules', 'operator'),
  listTasks: planned('get', `${api}/tasks`, 'human tasks', 'reader'),
  getTask: planned('get', task, 'human tasks', 'reader'),
  claimTask: planned('post', `${task}/claim`, 'human tasks', 'operator'),
  releaseTask: planned('post', `${task}/release`, 'human tasks', 'operator'),
  completeTask: planned('post', `${task}/complete`, 'human tasks', 'operator'),
  pollTaskQueue: planned('post', `${queue}/poll`, 'remote workers', 'worker'),
  describeTaskQueue: planned('get', queue, 'task queues', 'reader'),
  completeActivityTask: planned('post', `${activityTask}/complete`, 'remote workers', 'worker'),
  failActivityTask: planned('post', `${activityTask}/fail`, 'remote workers', 'worker'),
  cancelActivityTask: planned('post', `${activityTask}/cancel`, 'remote workers', 'worker'),
  heartbeatActivityTask: planned('post', `${activityTask}/heartbeat`, 'remote workers', 'worker'),
  metrics: planned('get', '/metrics', 'metrics', 'public'),
  webPage: planned('get', '/', 'the web page', 'public'),
}
