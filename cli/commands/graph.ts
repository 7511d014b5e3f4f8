/** `perdure graph FILE`: the definition as a graph. What it looks like is `schema/graph*.ts`. */
import { type Command, Option } from 'commander'
import { addSettings, type CommandLine, effectiveSettings, ending, limitSettings } from '../command-line.ts'
import { readDocument } from '../document-files.ts'
import { exitCodes } from '../failure.ts'
import { checkDocument } from '../run/checked-document.ts'

type Format = 'mermaid' | 'json' | 'svg'

interface GraphOptions {
  readonly format: Format
  readonly json?: true
}

export function addGraph(program: Command, line: CommandLine): void {
  const command = program
    .command('graph')
    .summary('print a document as a graph')
    .description(
      'Prints the definition as a graph on standard output: Mermaid text for READMEs and pull requests, JSON with its nodes and edges, or a picture (--format svg > order.svg). Exits 2 when the document is not valid.',
    )
    .argument('<FILE>', 'the document')
    .addOption(
      new Option('--format <FORMAT>', 'how to print it')
        .choices(['mermaid', 'json', 'svg'] satisfies Format[])
        .default('mermaid'),
    )
    .option('--json', 'the same as --format json, on one line')
  addSettings(command, [], limitSettings).action(
    ending(line, async (file: string, options: GraphOptions) => {
      const { terminal } = line
      const settings = await effectiveSettings(command, line)
      const document = readDocument(file, terminal.directory)
      const { plan } = await checkDocument(document, { limits: settings.limits() }, terminal)
      const { graphOf } = await import('../../schema/graph/graph.ts')
      const graph = graphOf(plan)
      if (options.json || options.format === 'json') terminal.answerJson(graph, !options.json)
      else if (options.format === 'svg') {
        const { svgOf } = await import('../../schema/graph/svg.ts')
        terminal.answer(svgOf(graph).trimEnd())
      } else {
        const { mermaidOf } = await import('../../schema/graph/mermaid.ts')
        terminal.answer(mermaidOf(graph).trimEnd())
      }
      return exitCodes.success
    }),
  )
}
