/** The service itself: health, its OpenAPI document, the language's schema. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { HealthAnswer } from '../api.ts'
import { EngineError } from '../engine-door.ts'
import { openApiDocument } from '../openapi.ts'
import type { serviceOperations } from '../operations/service.ts'
import { RequestError } from '../problems.ts'
import { type Call, type Handlers, json } from './handler.ts'

export const serviceHandlers: Handlers<keyof typeof serviceOperations> = {
  async alive() {
    return json<HealthAnswer>(200, { status: 'alive' })
  },

  async ready(call) {
    await readiness(call)
    return json<HealthAnswer>(200, { status: 'ready' })
  },

  async getOpenApi() {
    return json(200, openApiDocument)
  },

  async getWorkflowSchema() {
    const body = await languageSchema()
    return { kind: 'text', status: 200, body, contentType: 'application/schema+json; charset=utf-8' }
  },
}

/** By its public name, which is the same from the sources and from the built package. */
const languageSchemaName = 'perdure/workflow.schema.json'
let languageSchemaText: Promise<string> | null = null

function languageSchema(): Promise<string> {
  languageSchemaText ??= readFile(createRequire(import.meta.url).resolve(languageSchemaName), 'utf8')
  // A failed read is not kept: the next request tries again.
  languageSchemaText.catch(() => {
    languageSchemaText = null
  })
  return languageSchemaText
}

/** A database that hangs must not hang the balancer's probe. */
async function readiness({ engine, limits, draining }: Call<'ready'>): Promise<void> {
  if (draining)
    throw new RequestError('Draining', 'the server is stopping', { suggestion: 'use another node' })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(new RequestError('Unavailable', `the engine gave no answer within ${limits.readinessMs} ms`)),
      limits.readinessMs,
    )
  })
  try {
    await Promise.race([engine.ready(), late])
  } catch (error) {
    if (error instanceof RequestError || error instanceof EngineError) throw error
    throw new RequestError('Unavailable', error instanceof Error ? error.message : String(error))
  } finally {
    clearTimeout(timer)
  }
}
