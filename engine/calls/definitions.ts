/** Deployed definitions: deploy, list, show, deprecate, resolve. Owns what is checked before a document is stored. */
import semver from 'semver'
import type { KnownActivities } from '../../schema/checks/activity.ts'
import type { Limits } from '../../schema/limits.ts'
import { loadDocument } from '../../schema/load.ts'
import type { DefinitionRecord, DefinitionStore } from '../../storage/contract.ts'
import type { Clock } from '../clock.ts'
import type { DefinitionSummary, DeployRequest, DeployResult } from '../contract.ts'
import { EngineError } from '../engine-error.ts'
import { chooseVersion, type VersionChoice } from './version-choice.ts'

/** How long a list of versions may be old when a start resolves one: a deploy of this process is seen at once. */
const versionsFreshMs = 500

type Listed = Omit<DefinitionRecord, 'source'>

interface KnownVersions {
  readonly at: number
  readonly list: readonly Listed[]
  /** By what was asked for: a start asks for the same few over and over. */
  readonly choices: Map<string | undefined, VersionChoice>
}

export class Definitions {
  readonly #store: DefinitionStore
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #activities: KnownActivities | undefined
  readonly #versions = new Map<string, KnownVersions>()

  constructor(store: DefinitionStore, clock: Clock, limits: Limits, activities: KnownActivities | undefined) {
    this.#store = store
    this.#clock = clock
    this.#limits = limits
    this.#activities = activities
  }

  async deploy(request: DeployRequest): Promise<DeployResult> {
    const { plan, problems } = loadDocument(request.source, {
      format: request.format,
      limits: this.#limits,
      ...(request.file !== undefined && { file: request.file }),
      ...(this.#activities !== undefined && { activities: this.#activities }),
    })
    if (plan === undefined) {
      const errors = problems.filter(({ severity }) => severity === 'error').length
      throw new EngineError(
        'DefinitionInvalid',
        `the document${request.file === undefined ? '' : ` ${request.file}`} has ${errors} error${errors === 1 ? '' : 's'}`,
        { problems, suggestion: 'each problem says where it is and what to do' },
      )
    }
    const { name, version, digest } = plan
    const result = { name, version, digest, problems }
    if (request.dryRun === true) {
      const stored = await this.#store.get(request.namespace, name, version)
      if (stored !== null && stored.digest !== digest) throw conflict(name, version, request.file)
      return { ...result, outcome: stored === null ? 'created' : 'same' }
    }
    const { outcome } = await this.#store.put({
      namespace: request.namespace,
      name,
      version,
      digest,
      source: request.source,
      format: request.format,
      deployedAt: this.#clock.now(),
      deprecated: false,
    })
    this.#versions.delete(versionsKey(request.namespace, name))
    if (outcome === 'conflict') throw conflict(name, version, request.file)
    return { ...result, outcome }
  }

  /** By name, then lowest version first. */
  async list(namespace: string, name?: string): Promise<readonly DefinitionSummary[]> {
    const records = await this.#store.list(namespace, name)
    return [...records]
      .sort((a, b) => (a.name === b.name ? semver.compare(a.version, b.version) : a.name < b.name ? -1 : 1))
      .map(summaryOf)
  }

  async get(
    namespace: string,
    name: string,
    version: string,
  ): Promise<DefinitionSummary & { readonly source: string; readonly format: 'yaml' | 'json' }> {
    const record = await this.#store.get(namespace, name, version)
    if (record === null) throw notDeployed(name, version)
    return { ...summaryOf(record), source: record.source, format: record.format }
  }

  async setDeprecated(namespace: string, name: string, version: string, deprecated: boolean): Promise<void> {
    const found = await this.#store.setDeprecated(namespace, name, version, deprecated)
    this.#versions.delete(versionsKey(namespace, name))
    if (!found) throw notDeployed(name, version)
  }

  /** Throws `WorkflowNotFound`. */
  async resolve(
    namespace: string,
    name: string,
    version?: string,
  ): Promise<{ readonly version: string; readonly reason: string }> {
    const key = versionsKey(namespace, name)
    let known = this.#versions.get(key)
    const isStale = known === undefined || this.#clock.monotonic() - known.at >= versionsFreshMs
    if (known === undefined || isStale) known = await this.#listVersions(namespace, name)
    let choice = choiceOf(name, known, version)
    // It may have been deployed by another process a moment ago.
    if (choice.kind === 'none' && !isStale) {
      choice = choiceOf(name, await this.#listVersions(namespace, name), version)
    }
    if (choice.kind === 'chosen') return { version: choice.version, reason: choice.reason }
    throw new EngineError('WorkflowNotFound', choice.detail, { suggestion: choice.suggestion })
  }

  async #listVersions(namespace: string, name: string): Promise<KnownVersions> {
    const at = this.#clock.monotonic()
    const known = { at, list: await this.#store.list(namespace, name), choices: new Map() }
    if (known.list.length > 0) this.#versions.set(versionsKey(namespace, name), known)
    return known
  }
}

function choiceOf(name: string, known: KnownVersions, wanted: string | undefined): VersionChoice {
  const before = known.choices.get(wanted)
  if (before !== undefined) return before
  const choice = chooseVersion(name, wanted, known.list)
  if (known.choices.size < mostChoices) known.choices.set(wanted, choice)
  return choice
}

/** What callers ask for is theirs to choose, so what is kept of it is bounded. */
const mostChoices = 100

function versionsKey(namespace: string, name: string): string {
  return `${namespace}\n${name}`
}

function summaryOf(record: Listed): DefinitionSummary {
  const { name, version, digest, deprecated } = record
  return { name, version, digest, deprecated, deployedAt: new Date(record.deployedAt).toISOString() }
}

function conflict(name: string, version: string, file: string | undefined): EngineError {
  const where = file === undefined ? '' : `${file}: `
  return new EngineError(
    'DefinitionConflict',
    `${where}${name}@${version} is deployed with another content`,
    {
      suggestion: 'a deployed version never changes: give the document a new version',
    },
  )
}

function notDeployed(name: string, version: string): EngineError {
  return new EngineError('WorkflowNotFound', `version ${version} of '${name}' is not deployed`, {
    suggestion: 'list what is deployed with `perdure definitions`',
  })
}
