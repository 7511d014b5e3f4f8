/** `perdure validate PATH…`: checks documents and prints every problem with its place, excerpt and fix. */
import type { Command } from 'commander'
import {
  addJson,
  addSettings,
  type CommandLine,
  effectiveSettings,
  ending,
  limitSettings,
} from '../command-line.ts'
import { findDocuments } from '../document-files.ts'
import { type ExitCode, exitCodes } from '../failure.ts'
import { knownActivities } from '../run/known-activities.ts'

export function addValidate(program: Command, line: CommandLine): void {
  const command = program
    .command('validate')
    .summary('check documents')
    .description(
      'Checks documents, and every *.yaml, *.yml and *.json below directories that has a `dsl` key. With --activities it also checks that the activities exist and fit. Exits 2 if any problem is an error.',
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
  const activities = await knownActivities(settings, terminal)
  const { loadDocument } = await import('../../schema/load.ts')
  const { countProblems, renderProblems } = await import('../../schema/render.ts')
  const checked = documents.map((document) => ({
    file: document.file,
    ...loadDocument(document.source, { ...document, limits: settings.limits(), ...activities }),
  }))
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
