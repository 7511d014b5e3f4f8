/** Messages to executions: signals and queries. */
import type { Accepted, Json } from '../api.ts'
import { type Handlers, json, payload, reference } from './handler.ts'

const acceptedAnswer: Accepted = { accepted: true }

export const messageHandlers: Handlers<'signalWorkflow' | 'queryWorkflow'> = {
  /** Answered when the signal is in the database (keeps I5). */
  async signalWorkflow({ engine, input }) {
    await engine.signal(reference(input), input.path.name, payload(input.body), input.body.requestId)
    return json(202, acceptedAnswer)
  },

  async queryWorkflow({ engine, input }) {
    return json<Json>(200, await engine.query(reference(input), input.path.name, input.body.input))
  },
}
