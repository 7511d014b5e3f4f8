/** `perdure validate PATH…`: checks documents and prints every problem with its place, excerpt and fix. */
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import type { LoadedDocument, LoadOptions } from '../../schema/load.ts'
import {
  addJson,
  addSettings,
  type CommandLine,
  effectiveSettings,
  ending,
  limitSettings,
} from '../command-line.ts'
import { type DocumentFile, documentsBeside, findDocuments } from '../document-files.ts'
import { type ExitCode, exitCodes } from '../failure.ts'
import { isSettled, knownActivities } from '../run/known-activities.ts'
import type { Terminal } from '../terminal/terminal.ts'

export function addValidate(program: Command, line: CommandLine): void {
  const command = program
    .command('validate')
    .summary('check documents')
    .description(
      'Checks documents, and every *.yaml, *.yml and *.json below directories that has a `dsl` key. They are checked together, and with what lies beside them: the input of a child workflow against the document that it names. With --activities it also checks that the activities exist and fit. Exits 2 if any problem is an error.',
    )
    .argument('<PATH...>', 'documents, or directories that hold some')
  addJson(addSettings(command, ['activities'], limitSettings)).action(
    ending(line, (paths: readonly string[], options: { readonly json?: true }) =>
      validate(paths, options, command, line),
    ),
  )
}

async function validate(
  paths: readonly string[],
  options: { readonly json?: true },
  command: Command,
  line: CommandLine,
): Promise<ExitCode> {
  const { terminal } = line
  const settings = await effectiveSettings(command, line)
  const documents = findDocuments(paths, terminal.directory)
  const known = { limits: settings.limits(), ...(await knownActivities(settings, terminal)) }
  const { countProblems, renderProblems } = await import('../../schema/problems/render.ts')
  const loaded = await loadTogether(documents, neighbours(documents, terminal), known)
  const checked = documents.map(({ file }, index) => {
    const { plan, problems = [] } = loaded[index] ?? {}
    return { file, plan, problems: problems.filter((problem) => isSettled(problem, settings)) }
  })
  const problems = checked.flatMap((document) => document.problems)
  const invalid = checked.filter((document) => document.plan === undefined)
  if (options.json) {
    terminal.answerJson({
      valid: invalid.length === 0,
      documents: checked.map(({ file, plan, problems }) => ({
        file,
        valid: plan !== undefined,
        ...(plan === undefined ? {} : { name: plan.name, version: plan.version }),
        problems,
      })),
    })
  } else {
    const { answerColours: colours } = terminal
    if (problems.length > 0) terminal.answer(`${renderProblems(problems, { colours: colours.coloured })}\n`)
    const many = `${documents.length} ${documents.length === 1 ? 'document' : 'documents'}`
    const summary = problems.length === 0 ? 'no problem' : countProblems(problems)
    terminal.answer(`${invalid.length === 0 ? colours.good('✓') : colours.bad('✗')} ${many}: ${summary}`)
  }
  return invalid.length === 0 ? exitCodes.success : exitCodes.invalid
}

/** What lies beside the documents and was not named: known to them as workflows, and not checked. */
function neighbours(documents: readonly DocumentFile[], { directory }: Terminal): readonly DocumentFile[] {
  const absolute = (file: string) => resolve(directory, file)
  const named = new Set(documents.map(({ file }) => absolute(file)))
  const byFolder = new Map(documents.map(({ file }) => [dirname(absolute(file)), file]))
  return [...byFolder.values()]
    .flatMap((file) => documentsBeside(file, directory))
    .filter(({ file }) => !named.has(absolute(file)))
}

/** One that stands alone is told nothing of workflows: what it starts may be deployed already. */
async function loadTogether(
  documents: readonly DocumentFile[],
  beside: readonly DocumentFile[],
  options: Omit<LoadOptions, 'file' | 'format' | 'workflows'>,
): Promise<readonly LoadedDocument[]> {
  const { loadDocument, readDefinition } = await import('../../schema/load.ts')
  if (documents.length + beside.length === 1)
    return documents.map((document) => loadDocument(document.source, { ...document, ...options }))
  const { interfaceOf } = await import('../../schema/known-workflows.ts')
  const { loadDocuments } = await import('../../schema/load-all.ts')
  const known = beside.flatMap((document) => {
    const found = interfaceOf(readDefinition(document.source, { ...document, ...options }))
    return found === undefined ? [] : [found]
  })
  return loadDocuments(documents, options, known)
}
