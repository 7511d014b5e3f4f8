/** `http.request` in a runner, and two real local servers to send to. Not a test. */
import assert from 'node:assert/strict'
import { builtInActivities } from '../../activities/builtin/index.ts'
import type { AttemptOutcome } from '../../activities/contract.ts'
import { parseDuration } from '../../schema/duration.ts'
import type { Json } from '../../schema/json.ts'
import { outcomeOf, runnerOf, taskOf } from './attempts.ts'
import { LocalService } from './local-service.ts'

const environment = { PERDURE_SECRET_API: 's3cr3t-value', PERDURE_SECRET_OTHER: 'another/secret+1' }
export const service = new LocalService()
export const other = new LocalService()

export function made() {
  return runnerOf(builtInActivities({ parseDuration, environment }))
}

export function send(input: Json): Promise<AttemptOutcome> {
  return outcomeOf(made().runner, taskOf('http.request', { input }))
}

export async function answered(input: Json) {
  const outcome = await send(input)
  assert.ok(outcome.kind === 'completed', JSON.stringify(outcome))
  return outcome.result as {
    status: number
    headers: { [name: string]: string }
    body: Json
    encoding?: string
  }
}

export async function refused(input: Json) {
  const outcome = await send(input)
  assert.ok(outcome.kind === 'failed', JSON.stringify(outcome))
  return { ...outcome.error, retryAfterMs: outcome.retryAfterMs }
}

export function lastReceived() {
  const last = service.received.at(-1)
  assert.ok(last)
  return last
}

/** Opens the servers for the tests of a `describe`, and lets each test begin anew. */
export function useServices(): void {
  before(async () => {
    await service.open()
    await other.open()
  })
  after(async () => {
    await service.close()
    await other.close()
  })
  beforeEach(() => {
    service.received.length = 0
    other.received.length = 0
    service.answer = (_request, response) => response.end('ok')
    other.answer = (_request, response) => response.end('other')
  })
}
