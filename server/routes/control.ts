/** What an operator may do to an execution: cancel, terminate, pause, resume. Each is answered when it is durable (keeps I5). */
import type { Accepted } from '../api.ts'
import type { controlOperations } from '../operations/control.ts'
import { type Handlers, json, reference } from './handler.ts'

const acceptedAnswer: Accepted = { accepted: true }

export const controlHandlers: Handlers<keyof typeof controlOperations> = {
  async cancelWorkflow({ engine, input }) {
    await engine.cancel(reference(input), input.body.reason)
    return json(202, acceptedAnswer)
  },

  async terminateWorkflow({ engine, input }) {
    await engine.terminate(reference(input), input.body.reason)
    return json(202, acceptedAnswer)
  },

  async pauseWorkflow({ engine, input }) {
    await engine.pause(reference(input), input.body.reason)
    return json(202, acceptedAnswer)
  },

  async resumeWorkflow({ engine, input }) {
    await engine.resume(reference(input), input.body)
    return json(202, acceptedAnswer)
  },
}
