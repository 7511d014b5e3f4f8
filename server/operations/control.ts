/** What an operator may do to an execution. Handled in `routes/control.ts`. */
import type { Operations } from './operation.ts'
import { ofExecution } from './parameters.ts'
import { accepted, executionClosed, executionNotFound } from './responses.ts'

const tag = 'workflows'
const one = '/api/v1/workflows/{workflowId}'
const reasoned = { kind: 'json', schema: 'ReasonBody', required: false } as const

export const controlOperations = {
  cancelWorkflow: {
    method: 'post',
    path: `${one}/cancel`,
    tag,
    summary: 'Asks an execution to stop and clean up.',
    role: 'operator',
    parameters: ofExecution,
    body: reasoned,
    responses: { 202: accepted, 404: executionNotFound, 409: executionClosed },
  },
  terminateWorkflow: {
    method: 'post',
    path: `${one}/terminate`,
    tag,
    summary: 'Ends an execution at once; undoes nothing.',
    role: 'operator',
    parameters: ofExecution,
    body: reasoned,
    responses: { 202: accepted, 404: executionNotFound, 409: executionClosed },
  },
  pauseWorkflow: {
    method: 'post',
    path: `${one}/pause`,
    tag,
    summary: 'Starts nothing new until it is resumed.',
    description:
      'Results, timers and signals that come meanwhile take effect on the resume. The timeout of the execution still runs. One that is paused already stays so.',
    role: 'operator',
    parameters: ofExecution,
    body: reasoned,
    responses: { 202: accepted, 404: executionNotFound, 409: executionClosed },
  },
  resumeWorkflow: {
    method: 'post',
    path: `${one}/resume`,
    tag,
    summary: 'Lets a paused execution go on.',
    description:
      'A compensation that a saga paused at is tried again; with `skip` it is left as it is, and the others go on.',
    role: 'operator',
    parameters: ofExecution,
    body: { kind: 'json', schema: 'ResumeBody', required: false },
    responses: { 202: accepted, 404: executionNotFound, 409: executionClosed },
  },
} as const satisfies Operations
