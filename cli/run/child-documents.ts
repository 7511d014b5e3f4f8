/**
 * The documents that an execution of `run` may start as children, or continue as: those that its `workflow:` steps name,
 * and theirs, as far as they lie beside the document or below `definitions`. Owns the search, and that all of them are
 * checked together; others of these folders are not even looked through. Called by `run`.
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

export interface DocumentFamily {
  readonly root: CheckedDocument
  /** That it may start, or continue as. */
  readonly others: readonly CheckedDocument[]
  /** Names that a step starts and no document has, each with the first such step. */
  readonly missing: readonly { readonly name: string; readonly step: string }[]
}

interface Readable extends DocumentFile {
  readonly name: string
  readonly version: string
}

/** Throws `CliFailure` with the problems told already where one of them is not valid. */
export async function checkFamily(root: DocumentFile, search: ChildSearch): Promise<DocumentFamily> {
  const { limits, terminal } = search
  const { loadDocument } = await import('../../schema/load.ts')
  const { interfaceOf, knownWorkflows } = await import('../../schema/known-workflows.ts')
  const wanted = new Map<string, string>()
  const look = (document: DocumentFile) => {
    const { plan, definition } = loadDocument(document.source, { ...document, limits })
    if (plan !== undefined) want(plan, wanted)
    return interfaceOf(definition)
  }
  const known = [look(root)]
  const files = [root]
  if (wanted.size > 0) {
    const candidates = await namedCandidates(root, search)
    const rootKey = known[0] === undefined ? [] : [keyOf(known[0])]
    const taken = new Set(rootKey)
    // Grows while it is walked: children have children.
    for (const name of wanted.keys()) {
      for (const candidate of candidates.get(name) ?? []) {
        // The one beside the document wins over one of the same version elsewhere.
        if (taken.has(keyOf(candidate))) continue
        taken.add(keyOf(candidate))
        files.push(candidate)
        known.push(look(candidate))
      }
    }
  }
  const workflows = knownWorkflows(known.filter((workflow) => workflow !== undefined))
  const options = wanted.size === 0 ? { limits } : { limits, workflows }
  const checked: CheckedDocument[] = []
  for (const file of files) checked.push(await checkDocument(file, options, terminal))
  const [first, ...others] = checked
  if (first === undefined) throw new Error('bug: the document itself was not checked')
  const missing = [...wanted].filter(([name]) => !workflows.has(name)).map(([name, step]) => ({ name, step }))
  return { root: first, others, missing }
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
  root: DocumentFile,
  { definitions, limits, terminal }: ChildSearch,
): Promise<ReadonlyMap<string, readonly Readable[]>> {
  const { readDefinition } = await import('../../schema/load.ts')
  const { interfaceOf } = await import('../../schema/known-workflows.ts')
  const beside = documentsBeside(root.file, terminal.directory)
  const below = definitions === undefined ? [] : existing(definitions, terminal.directory)
  const byName = new Map<string, Readable[]>()
  const seen = new Set([resolve(terminal.directory, root.file)])
  for (const document of [...beside, ...below]) {
    const path = resolve(terminal.directory, document.file)
    if (seen.has(path)) continue
    seen.add(path)
    const found = interfaceOf(readDefinition(document.source, { ...document, limits }))
    if (found === undefined) continue
    const { name, version } = found
    byName.set(name, [...(byName.get(name) ?? []), { ...document, name, version }])
  }
  return byName
}

function existing(definitions: string, directory: string): readonly DocumentFile[] {
  const isDirectory = statSync(resolve(directory, definitions), { throwIfNoEntry: false })?.isDirectory()
  return isDirectory === true ? documentsIn(definitions, directory) : []
}

function keyOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}@${version}`
}
