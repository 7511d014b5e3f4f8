/** `log.write`: a line in the log of the process that runs the activity. Nothing of it is in the history but the call. */
import type { JsonObject } from '../../schema/json.ts'
import { defineActivity } from '../define.ts'

interface LogWriteInput {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields?: JsonObject
}

export const logWrite = defineActivity({
  name: 'log.write',
  description: 'Writes a line to the log of the process that runs the activity.',
  input: {
    type: 'object',
    required: ['message'],
    additionalProperties: false,
    properties: {
      level: { enum: ['info', 'warn', 'error'], default: 'info' },
      message: { type: 'string' },
      fields: { type: 'object' },
    },
  },
  run(input: LogWriteInput, { log }) {
    log[input.level](input.message, input.fields)
    return null
  },
})
