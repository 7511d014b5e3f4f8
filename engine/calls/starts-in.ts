/**
 * Starting an execution inside a transaction of the caller's own: no run without what the caller writes beside it, and
 * none where that is rolled back. Owns what the answer of the store means; the run begins when the caller commits.
 */
import type { CallerConnection } from '../../storage/contract.ts'
import type { StartRequest, StartResult } from '../contract.ts'
import type { Driver } from '../driver.ts'
import { EngineError } from '../engine-error.ts'
import { type Message, messageText } from '../messages.ts'
import { askedStart } from './asked-start.ts'
import type { Definitions } from './definitions.ts'
import { closedIdError, openIdError } from './start-errors.ts'

/** Who was in the way may be gone when it is looked at. */
const startAttempts = 5

export class StartsIn {
  readonly #driver: Driver
  readonly #definitions: Definitions

  constructor(parts: { readonly driver: Driver; readonly definitions: Definitions }) {
    this.#driver = parts.driver
    this.#definitions = parts.definitions
  }

  async start(connection: CallerConnection, request: StartRequest): Promise<StartResult> {
    this.#driver.assertServing()
    const { storage, clock } = this.#driver.parts
    if (storage.startIn === undefined) {
      throw new EngineError(
        'RequestInvalid',
        'startIn needs a store on PostgreSQL, which others can connect to',
        {
          suggestion: 'give `databaseUrl`, or start outside of the transaction',
        },
      )
    }
    const asked = await askedStart(request, { definitions: this.#definitions, driver: this.#driver })
    const { workflowId, version, signal } = asked
    const { idConflict = 'fail' } = request
    if (idConflict === 'terminateExisting') throw refused('idConflict: terminateExisting')
    if (signal?.replyTo !== undefined) throw refused('the signal of a state machine, which answers it,')
    for (let attempt = 1; attempt <= startAttempts; attempt += 1) {
      const { identity, run, inputs } = asked.unborn(clock.now(), false)
      const { runId } = identity
      const inbox = inputs.map(({ event }) => messageText(event as Message))
      const verdict = await storage.startIn(connection, { runId, run, inbox })
      switch (verdict.kind) {
        case 'born':
          return { workflowId, runId, version, created: true }
        case 'requested':
          return { ...verdict.existing, created: false }
        case 'open':
          if (idConflict !== 'useExisting') throw openIdError(verdict.existing)
          if (signal !== null) throw refused('a signal to an execution that is there')
          return { ...verdict.existing, created: false }
        case 'closed':
          throw closedIdError(verdict.existing, request.idReuse ?? 'allow')
        case 'vanished':
          break
        default:
          verdict satisfies never
      }
    }
    throw new EngineError('Unavailable', 'the start met another writer', { suggestion: 'start again' })
  }
}

/** What others would have to do before the caller's transaction has committed. */
function refused(what: string): EngineError {
  return new EngineError('RequestInvalid', `${what} has no place inside a transaction of yours`, {
    suggestion: 'do it before or after the transaction',
  })
}
