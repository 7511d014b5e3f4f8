/** `perdure deploy PATH…`: documents to a server, each under its name and version. */
import type { Command } from 'commander'
import { type CommandLine, ending } from '../command-line.ts'
import { findDocuments } from '../document-files.ts'
import type { DeployResult } from '../engine-types.ts'
import { type ExitCode, exitCodes, tellFailure } from '../failure.ts'
import { addServerOptions, connect } from '../server-client.ts'

interface DeployOptions {
  readonly dryRun?: true
  readonly json?: true
}

export function addDeploy(program: Command, line: CommandLine): void {
  const command = program
    .command('deploy')
    .summary('deploy documents to a server')
    .description(
      'Deploys documents, and every document below directories. The same content again changes nothing; other content under a version that is deployed is refused.',
    )
    .argument('<PATH...>', 'documents, or directories that hold some')
    .option('--dry-run', 'check everything, deploy nothing')
  addServerOptions(command).action(
    ending(line, (paths: readonly string[], options: DeployOptions) => deploy(paths, options, command, line)),
  )
}

async function deploy(
  paths: readonly string[],
  options: DeployOptions,
  command: Command,
  line: CommandLine,
): Promise<ExitCode> {
  const { terminal } = line
  const documents = findDocuments(paths, terminal.directory)
  const client = await connect(command, line)
  const dryRun = options.dryRun === true
  const deployed: (DeployResult & { readonly file: string })[] = []
  const refused: { readonly file: string; readonly error: object }[] = []
  let exitCode: ExitCode = exitCodes.success
  for (const document of documents) {
    try {
      const result = await client.deploy(document, { dryRun })
      deployed.push({ file: document.file, ...result })
      if (!options.json)
        terminal.answer(`${document.file}  ${result.name}@${result.version}  ${words(result, dryRun)}`)
      await tellProblems(result, document.file, line)
    } catch (error) {
      // One bad document says nothing about the next; a server that is gone does.
      if (!(error instanceof Error) || error.name !== 'PerdureApiError') throw error
      const named = withFile(error, document.file)
      const code = await tellFailure(named, terminal, { json: false })
      exitCode = code > exitCode ? code : exitCode
      refused.push({ file: document.file, error: shownError(named) })
    }
  }
  if (options.json) terminal.answerJson({ dryRun, deployed, refused })
  return exitCode
}

function words(result: DeployResult, dryRun: boolean): string {
  if (result.outcome === 'same') return 'deployed already'
  return dryRun ? 'would be deployed' : 'deployed'
}

async function tellProblems(result: DeployResult, file: string, line: CommandLine): Promise<void> {
  if (result.problems.length === 0) return
  const { renderProblems } = await import('../../schema/problems/render.ts')
  const { message, messageColours } = line.terminal
  message(
    renderProblems(
      result.problems.map((problem) => ({ ...problem, file })),
      { colours: messageColours.coloured },
    ),
  )
}

/** A server does not know what the file is called here. */
function withFile(error: Error, file: string): Error {
  if (!('problems' in error) || !Array.isArray(error.problems)) return error
  const problems = error.problems.map((problem: object) => ({ ...problem, file }))
  const detail = 'detail' in error ? `${file}: ${String(error.detail)}` : error.message
  return Object.assign(Object.create(error), { name: error.name, message: detail, detail, problems })
}

function shownError(error: Error): object {
  const { code, detail, suggestion, problems } = error as Error & {
    readonly code?: string
    readonly detail?: string
    readonly suggestion?: string
    readonly problems?: readonly object[]
  }
  return { code, message: detail ?? error.message, suggestion, problems }
}
