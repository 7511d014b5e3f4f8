/** docs/graph.md: its pictures are the ones that are made. `PERDURE_WRITE_DOCS=1 npx mocha test/docs-graph.test.ts` rewrites them. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { graphOf } from '../schema/graph/graph.ts'
import { mermaidOf } from '../schema/graph/mermaid.ts'
import type { DefinitionGraph } from '../schema/graph/shapes.ts'
import { svgOf } from '../schema/graph/svg.ts'
import { loadDocument } from '../schema/load.ts'

const root = join(import.meta.dirname, '..')
const rewrite = process.env['PERDURE_WRITE_DOCS'] === '1'

function graphOfFile(file: string): DefinitionGraph {
  const { plan, problems } = loadDocument(readFileSync(join(root, file), 'utf8'), { file })
  assert.ok(plan, JSON.stringify(problems))
  return graphOf(plan)
}

function assertSame(file: string, text: string): void {
  if (rewrite) writeFileSync(join(root, file), text)
  assert.equal(readFileSync(join(root, file), 'utf8'), text)
}

describe('docs/graph.md', () => {
  it('shows the Mermaid text of a definition', () => {
    const page = readFileSync(join(root, 'docs/graph.md'), 'utf8')
    const block = /```mermaid\n[\s\S]*?```/
    assert.match(page, block)
    const mermaid = mermaidOf(graphOfFile('definitions/invoice-reminders/1.0.0.yaml'))
    assertSame(
      'docs/graph.md',
      page.replace(block, () => `\`\`\`mermaid\n${mermaid}\`\`\``),
    )
  })

  it('shows the picture of a state machine', () => {
    assertSame('docs/graph-states.svg', svgOf(graphOfFile('test/schema/golden/graph-states.yaml')))
  })

  it('names every kind of node and edge', () => {
    const page = readFileSync(join(root, 'docs/graph.md'), 'utf8')
    const graphs = ['graph-verbs', 'graph-states'].map((name) =>
      graphOfFile(`test/schema/golden/${name}.yaml`),
    )
    for (const { nodes, edges } of graphs)
      for (const { kind } of [...nodes, ...edges]) assert.ok(page.includes(`\`${kind}\``), kind)
  })
})
