/** Definitions: deploy, validate, list, read, draw, deprecate, resolve. */
import type { DefinitionGraph, DefinitionSummary, DefinitionView, Page, ValidationAnswer } from '../api.ts'
import {
  type DeployResult,
  type Engine,
  EngineError,
  graphOf,
  type LoadedDocument,
  loadDocument,
  mermaidOf,
  svgOf,
} from '../engine-door.ts'
import { documentContentTypes } from '../openapi.ts'
import { type definitionOperations, graphTextTypes } from '../operations/definitions.ts'
import type { DocumentBody } from '../requests/body.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { type Handlers, json } from './handler.ts'

export const definitionHandlers: Handlers<keyof typeof definitionOperations> = {
  async deployDefinition({ engine, input }) {
    const { namespace, dryRun } = input.query
    const deployed = await engine.deploy({ namespace, ...input.body, dryRun })
    return json<DeployResult>(deployed.outcome === 'created' && !dryRun ? 201 : 200, deployed)
  },

  async validateDefinition({ engine, input }) {
    return json<ValidationAnswer>(200, await validated(engine, input.query.namespace, input.body))
  },

  async listDefinitions({ engine, input }) {
    const all = await engine.definitions(input.query.namespace)
    return json<DefinitionPage>(200, pageOf(all, input.query.limit, input.query.cursor))
  },

  async listDefinitionVersions({ engine, input }) {
    const { name } = input.path
    const { namespace, limit, cursor } = input.query
    const all = await engine.definitions(namespace, name)
    if (all.length === 0)
      throw new EngineError('WorkflowNotFound', `no definition '${name}' is deployed in '${namespace}'`, {
        suggestion: 'GET /api/v1/definitions lists what is deployed',
      })
    return json(200, { name, ...pageOf(all, limit, cursor) })
  },

  async getDefinition({ engine, input, preferred }) {
    const found = await engine.definition(input.query.namespace, input.path.name, input.path.version)
    if (preferred(['application/json', ...yamlTypes]) !== 'application/json')
      return { kind: 'text', status: 200, body: found.source, contentType: 'application/yaml; charset=utf-8' }
    const view: DefinitionView = { ...found, document: loadDeployed(found).definition ?? null }
    return json(200, view)
  },

  async graphDefinition({ engine, input, preferred }) {
    const found = await engine.definition(input.query.namespace, input.path.name, input.path.version)
    const { plan, problems } = loadDeployed(found)
    if (plan === undefined)
      throw new EngineError('DefinitionInvalid', `${found.name}@${found.version} can no longer be read`, {
        problems,
      })
    const graph = graphOf(plan)
    const format =
      input.query.format ?? formatOf(preferred(['application/json', ...Object.values(graphTextTypes)]))
    if (format === 'json') return json<DefinitionGraph>(200, graph)
    return {
      kind: 'text',
      status: 200,
      body: format === 'svg' ? svgOf(graph) : mermaidOf(graph),
      contentType: `${graphTextTypes[format]}; charset=utf-8`,
      // A browser that opens the picture by itself runs nothing that a document has smuggled into it.
      headers: { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" },
    }
  },

  async deprecateDefinition({ engine, input }) {
    return json(200, await marked(engine, input.query.namespace, input.path, true))
  },

  async undeprecateDefinition({ engine, input }) {
    return json(200, await marked(engine, input.query.namespace, input.path, false))
  },

  /** `workflowId` is taken for the day when a rollout has weights; without a rollout it decides nothing. */
  async resolveDefinition({ engine, input }) {
    const { name } = input.path
    const { namespace, version } = input.query
    return json(200, { name, ...(await engine.resolve(namespace, name, version)) })
  },
}

/** It was within its limits when it was deployed, whatever they are now. */
function loadDeployed(deployed: {
  readonly source: string
  readonly format: 'yaml' | 'json'
}): LoadedDocument {
  const { source, format } = deployed
  const without = Number.MAX_SAFE_INTEGER
  const limits = { documentBytes: without, documentSteps: without, documentAliasNodes: without }
  return loadDocument(source, { format, limits })
}

function formatOf(contentType: string): 'json' | keyof typeof graphTextTypes {
  switch (contentType) {
    case graphTextTypes.mermaid:
      return 'mermaid'
    case graphTextTypes.svg:
      return 'svg'
    default:
      return 'json'
  }
}

type DefinitionPage = Page<DefinitionSummary>

/** A document is checked as a dry run of its deployment; that its version is taken by another content is no problem of it. */
async function validated(engine: Engine, namespace: string, body: DocumentBody): Promise<ValidationAnswer> {
  try {
    const { problems } = await engine.deploy({ namespace, ...body, dryRun: true })
    return { valid: true, problems }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    if (error.code === 'DefinitionInvalid') return { valid: false, problems: error.problems ?? [] }
    if (error.code === 'DefinitionConflict')
      return { valid: true, problems: loadDocument(body.source, body).problems }
    throw error
  }
}

async function marked(
  engine: Engine,
  namespace: string,
  { name, version }: { readonly name: string; readonly version: string },
  deprecated: boolean,
): Promise<DefinitionSummary> {
  await engine.setDeprecated(namespace, name, version, deprecated)
  const { digest, deployedAt, deprecated: now } = await engine.definition(namespace, name, version)
  return { name, version, digest, deployedAt, deprecated: now }
}

/** The engine gives all; definitions are few, and none is ever deleted, so a name and version is a lasting position. */
function pageOf(
  all: readonly DefinitionSummary[],
  limit: number,
  cursor: string | undefined,
): DefinitionPage {
  let first = 0
  if (cursor !== undefined) {
    const [name, version] = readCursor('definitions', cursor)
    first = all.findIndex((item) => item.name === name && item.version === version) + 1
  }
  const items = all.slice(first, first + limit)
  const last = items.at(-1)
  const more = last !== undefined && first + limit < all.length
  return { items, cursor: more ? writeCursor('definitions', [last.name, last.version]) : null }
}

const yamlTypes = Object.keys(documentContentTypes).filter((type) => type.endsWith('yaml'))
