/**
 * Documents that are checked together, as those of one folder: each knows the names, versions and schemas of the others.
 * Called where several are at hand (validate, a test file with `also`); one alone is `load.ts`'s.
 */
import { interfaceOf, type KnownWorkflow, knownWorkflows } from './known-workflows.ts'
import { type LoadedDocument, type LoadOptions, loadDocument, readDefinition } from './load.ts'

export interface DocumentSource {
  readonly source: string
  /** As problems name it; `.json` makes the format `json`. */
  readonly file?: string
  readonly format?: 'yaml' | 'json'
}

/**
 * In the order of the sources. `options.workflows` is replaced: what is known is these documents and `deployed`.
 * A document that cannot be read is known to nobody, and tells why itself.
 */
export function loadDocuments(
  sources: readonly DocumentSource[],
  options: Omit<LoadOptions, 'file' | 'format' | 'workflows'> = {},
  deployed: readonly KnownWorkflow[] = [],
): readonly LoadedDocument[] {
  const own = sources.flatMap(({ source, ...naming }) => {
    const workflow = interfaceOf(readDefinition(source, { ...options, ...naming }))
    return workflow === undefined ? [] : [workflow]
  })
  const workflows = knownWorkflows([...own, ...deployed])
  return sources.map(({ source, file, format }) =>
    loadDocument(source, {
      ...options,
      workflows,
      ...(file === undefined ? {} : { file }),
      ...(format === undefined ? {} : { format }),
    }),
  )
}
