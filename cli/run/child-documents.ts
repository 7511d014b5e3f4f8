/**
 * The documents that an execution of `run` may start as children, or continue as: those that its `workflow:` steps name,
 * and theirs, as far as they lie beside the document or below `definitions`. Owns the search; others of these folders
 * are not even checked. Called by `run`.
 */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Limits } from '../../schema/limits.ts'
import type { Plan } from '../../schema/plan.ts'
import { type DocumentFile, documentsBeside, documentsIn } from '../document-files.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { type CheckedDocument, checkDocument } from './checked-document.ts'

export interface ChildSearch {
  readonly limits: Partial<Limits>
  /** Of the setting; undefined where there is none. */
  readonly definitions: string | undefined
  readonly terminal: Terminal
}

export interface FoundChildren {
  readonly documents: readonly CheckedDocument[]
  /** Names that a step starts and no document has, each with the first such step. */
  readonly missing: readonly { readonly name: string; readonly step: string }[]
}

/** Throws `CliFailure` with the problems told already where one that is named is not valid. */
export async function findChildren(root: CheckedDocument, search: ChildSearch): Promise<FoundChildren> {
  const wanted = new Map<string, string>()
  want(root.plan, wanted)
  if (wanted.size === 0) return { documents: [], missing: [] }
  const candidates = await namedCandidates(root, search)
  const found = new Map<string, CheckedDocument>([[keyOf(root), root]])
  // Grows while it is walked: children have children.
  for (const name of wanted.keys()) {
    for (const candidate of candidates.get(name) ?? []) {
      const document = await checkDocument(candidate, search.limits, search.terminal)
      // The one beside the document wins over one of the same version elsewhere.
      if (found.has(keyOf(document))) continue
      found.set(keyOf(document), document)
      want(document.plan, wanted)
    }
  }
  const documents = [...found.values()]
  const missing = [...wanted]
    .filter(([name]) => !documents.some((document) => document.name === name))
    .map(([name, step]) => ({ name, step }))
  return { documents: documents.filter((document) => document !== root), missing }
}

/** What this plan starts, by name, with the step that does. */
function want(plan: Plan, wanted: Map<string, string>): void {
  for (const step of Object.values(plan.steps)) {
    const name =
      step.verb === 'workflow'
        ? step.workflow
        : step.verb === 'continueAsNew' && step.version !== undefined
          ? plan.name
          : null
    if (name !== null && !wanted.has(name)) wanted.set(name, step.id)
  }
}

/** By name. A document that cannot be read has none; it matters to nobody here. */
async function namedCandidates(
  root: CheckedDocument,
  { definitions, limits, terminal }: ChildSearch,
): Promise<ReadonlyMap<string, readonly DocumentFile[]>> {
  const { loadDocument } = await import('../../schema/load.ts')
  const beside = documentsBeside(root.file, terminal.directory)
  const below = definitions === undefined ? [] : existing(definitions, terminal.directory)
  const byName = new Map<string, DocumentFile[]>()
  const seen = new Set([resolve(terminal.directory, root.file)])
  for (const document of [...beside, ...below]) {
    const path = resolve(terminal.directory, document.file)
    if (seen.has(path)) continue
    seen.add(path)
    const { definition } = loadDocument(document.source, { ...document, limits })
    const isMap = typeof definition === 'object' && definition !== null && !Array.isArray(definition)
    const name = isMap && 'name' in definition ? definition.name : null
    if (typeof name === 'string') byName.set(name, [...(byName.get(name) ?? []), document])
  }
  return byName
}

function existing(definitions: string, directory: string): readonly DocumentFile[] {
  const isDirectory = statSync(resolve(directory, definitions), { throwIfNoEntry: false })?.isDirectory()
  return isDirectory === true ? documentsIn(definitions, directory) : []
}

function keyOf({ name, version }: CheckedDocument): string {
  return `${name}@${version}`
}
