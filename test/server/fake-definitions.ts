/** The definitions of the fake engine, and its book of what was asked. Documents are read as plain YAML and not checked. */
import { createHash } from 'node:crypto'
import { parse } from 'yaml'
import type { DefinitionSummary, DeployRequest } from '../../engine/contract.ts'
import { EngineError } from '../../engine/engine-error.ts'

interface FakeDefinition extends DefinitionSummary {
  readonly source: string
  readonly format: 'yaml' | 'json'
}

export const fakeNow = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

export class FakeDefinitions {
  readonly definitionsByKey = new Map<string, FakeDefinition>()
  /** What was asked, in order, with its arguments. */
  readonly calls: { readonly name: string; readonly args: readonly unknown[] }[] = []
  /** Thrown by the next call. */
  failure: Error | null = null

  protected asked(name: string, ...args: unknown[]): void {
    this.calls.push({ name, args })
    const { failure } = this
    this.failure = null
    if (failure !== null) throw failure
  }

  argsOf(name: string): readonly unknown[] {
    return this.calls.filter((call) => call.name === name).at(-1)?.args ?? []
  }

  async deploy(request: DeployRequest) {
    this.asked('deploy', request)
    const document = readDocument(request.source)
    const { name, version } = document
    if (typeof name !== 'string' || typeof version !== 'string')
      throw new EngineError('DefinitionInvalid', 'the document has 1 error', {
        problems: [
          {
            code: 'missing-key',
            severity: 'error',
            message: "'name' is missing",
            path: '',
            line: 1,
            column: 1,
            excerpt: 'x\n^',
          },
        ],
      })
    const key = `${request.namespace}/${name}@${version}`
    const digest = createHash('sha256').update(JSON.stringify(document)).digest('hex')
    const known = this.definitionsByKey.get(key)
    if (known !== undefined && known.digest !== digest)
      throw new EngineError('DefinitionConflict', `${name}@${version} is deployed with another content`, {
        suggestion: 'raise the version',
      })
    if (known === undefined && request.dryRun !== true)
      this.definitionsByKey.set(key, {
        name,
        version,
        digest,
        deployedAt: new Date(fakeNow).toISOString(),
        deprecated: false,
        source: request.source,
        format: request.format,
      })
    return {
      outcome: known === undefined ? ('created' as const) : ('same' as const),
      name,
      version,
      digest,
      problems: [],
    }
  }

  async definitions(namespace: string, name?: string) {
    this.asked('definitions', namespace, name)
    return [...this.definitionsByKey]
      .filter(
        ([key, found]) => key.startsWith(`${namespace}/`) && (name === undefined || found.name === name),
      )
      .map(([, { source: _source, format: _format, ...summary }]) => summary)
  }

  async definition(namespace: string, name: string, version: string) {
    this.asked('definition', namespace, name, version)
    const found = this.definitionsByKey.get(`${namespace}/${name}@${version}`)
    if (found === undefined) throw new EngineError('WorkflowNotFound', `${name}@${version} is not deployed`)
    return found
  }

  async setDeprecated(namespace: string, name: string, version: string, deprecated: boolean) {
    const found = await this.definition(namespace, name, version)
    this.definitionsByKey.set(`${namespace}/${name}@${version}`, { ...found, deprecated })
  }

  async resolve(namespace: string, name: string, version?: string) {
    this.asked('resolve', namespace, name, version)
    const found = (await this.definitions(namespace, name)).at(-1)
    if (found === undefined) throw new EngineError('WorkflowNotFound', `${name} is not deployed`)
    return { version: found.version, reason: 'the highest stable version' }
  }
}

function readDocument(source: string): { name?: unknown; version?: unknown } {
  try {
    return parse(source) ?? {}
  } catch {
    return {}
  }
}
