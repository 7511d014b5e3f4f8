/** Messages to executions: signals, queries, updates. */
import { randomUUID } from 'node:crypto'
import type { Accepted, Json, UpdateAnswer, UpdatePending } from '../api.ts'
import { parseDuration } from '../engine-door.ts'
import { type messageOperations, updateIdHeader } from '../operations/messages.ts'
import { RequestError } from '../problems.ts'
import { type Call, type Handlers, json, payload, reference } from './handler.ts'

const acceptedAnswer: Accepted = { accepted: true }

export const messageHandlers: Handlers<keyof typeof messageOperations> = {
  /** Answered when the signal is in the database (keeps I5). */
  async signalWorkflow({ engine, input }) {
    await engine.signal(reference(input), input.path.name, payload(input.body), input.body.requestId)
    return json(202, acceptedAnswer)
  },

  async queryWorkflow({ engine, input }) {
    return json<Json>(200, await engine.query(reference(input), input.path.name, input.body.input))
  },

  async updateWorkflow(call) {
    const answer = await awaitedAnswer(call)
    const { updateId } = answer
    const headers = { [updateIdHeader]: headerText(updateId) }
    switch (answer.status) {
      case 'completed':
        return json<Json>(200, answer.result, headers)
      case 'pending':
        return json<UpdatePending>(202, { updateId, status: 'pending' }, headers)
      case 'failed': {
        const { type, message } = answer.error
        throw new RequestError(
          'UpdateFailed',
          `update '${call.input.path.name}' failed: ${type}: ${message}`,
          {
            error: answer.error,
            details: { updateId },
            headers,
          },
        )
      }
      default:
        return answer satisfies never
    }
  },
}

/** An id is any text, a header is visible ASCII. `decodeURIComponent` gives the id back; a UUID is as it was. */
function headerText(id: string): string {
  return id.replaceAll(/[^!-$&-~]+/g, encodeURIComponent)
}

/** Waits no longer than the limit; a stop of the server ends the wait with what is known then. */
async function awaitedAnswer({
  engine,
  input,
  limits,
  ended,
}: Call<'updateWorkflow'>): Promise<UpdateAnswer> {
  const { input: value, wait, updateId = randomUUID() } = input.body
  const waitMs = Math.min(parseDuration(wait ?? '') ?? limits.longPollMs, limits.longPollMs)
  const ref = reference(input)
  const request = { updateId, ...(value === undefined ? {} : { input: value }) }
  try {
    return await engine.update(ref, input.path.name, { ...request, waitMs, signal: ended })
  } catch (error) {
    if (!ended.aborted) throw error
    // Sent again under its id, which is once: `pending` is answered for what is in the database alone (keeps I5).
    return engine.update(ref, input.path.name, { ...request, waitMs: 0 })
  }
}
