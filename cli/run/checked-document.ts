/**
 * The document of `run` or `graph`, checked before anything is opened: problems are told at once, errors end the
 * command. Owns nothing of the language (`schema/`).
 */
import type { LoadOptions } from '../../schema/load.ts'
import type { Plan } from '../../schema/plan.ts'
import type { DocumentFile } from '../document-files.ts'
import { CliFailure } from '../failure.ts'
import type { Terminal } from '../terminal/terminal.ts'

export interface CheckedDocument extends DocumentFile {
  readonly name: string
  readonly version: string
  readonly plan: Plan
  /** Where a step stands in the file, or null for one that it does not have. */
  lineOf(step: string): number | null
}

/** Tells warnings; hints are for `validate`. Throws `CliFailure` with the problems told already. */
export async function checkDocument(
  document: DocumentFile,
  known: Pick<LoadOptions, 'limits' | 'workflows'>,
  terminal: Terminal,
): Promise<CheckedDocument> {
  const { loadDocument } = await import('../../schema/load.ts')
  const { countProblems, renderProblems } = await import('../../schema/problems/render.ts')
  const { plan, problems } = loadDocument(document.source, { ...document, ...known })
  const told = problems.filter((problem) => problem.severity !== 'hint')
  if (told.length > 0) {
    terminal.message(`${renderProblems(told, { colours: terminal.messageColours.coloured })}\n`)
  }
  if (plan === undefined) {
    throw new CliFailure(
      'DefinitionInvalid',
      `${document.file} is not a valid document: ${countProblems(told)}`,
      {
        problems,
      },
    )
  }
  return {
    ...document,
    name: plan.name,
    version: plan.version,
    plan,
    lineOf: (step) => (Object.hasOwn(plan.steps, step) ? (plan.steps[step]?.place.line ?? null) : null),
  }
}
