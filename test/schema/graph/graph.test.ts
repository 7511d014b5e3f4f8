import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { graphOf } from '../../../schema/graph/graph.ts'
import { layoutGraph } from '../../../schema/graph/layout.ts'
import { mermaidOf } from '../../../schema/graph/mermaid.ts'
import type { DefinitionGraph } from '../../../schema/graph/shapes.ts'
import { svgOf } from '../../../schema/graph/svg.ts'
import { isDocument, loadDocument } from '../../../schema/load.ts'
import type { Plan } from '../../../schema/plan.ts'
import { randomFamily } from '../../properties/documents.ts'
import { drawn, replayable } from '../../properties/draws.ts'
import { cpuMs } from '../cpu-time.ts'
import { assertWellFormed } from '../well-formed.ts'

const root = join(import.meta.dirname, '../../..')
const golden = join(import.meta.dirname, '../golden')
const rewrite = process.env['PERDURE_UPDATE_GOLDEN'] === '1'

/** Every document of the examples, of the definitions shipped, and two that have everything. */
function documents(): readonly (readonly [name: string, plan: Plan])[] {
  const files = [join(root, '../shared/examples'), join(root, 'definitions'), golden].flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder, { recursive: true })
          .map(String)
          .filter((file) => /\.ya?ml$/.test(file) && !/\.test\.ya?ml$/.test(file))
          .map((file) => join(folder, file))
      : [],
  )
  return files
    .map((file) => [file, readFileSync(file, 'utf8')] as const)
    .filter(([, text]) => isDocument(text))
    .map(([file, text]) => {
      const { plan, problems } = loadDocument(text, { file })
      assert.ok(plan, `${file}: ${JSON.stringify(problems)}`)
      return [file.slice(file.lastIndexOf('/', file.lastIndexOf('/') - 1) + 1), plan] as const
    })
}

function planOf(file: string): Plan {
  const { plan, problems } = loadDocument(readFileSync(join(golden, file), 'utf8'), { file })
  assert.ok(plan, JSON.stringify(problems))
  return plan
}

function assertSound(graph: DefinitionGraph, plan: Plan): void {
  const ids = graph.nodes.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length, 'ids are unique')
  for (const id of Object.keys(plan.steps)) assert.ok(ids.includes(id), `no node of the step ${id}`)
  const before = new Set<string>()
  for (const { id, parent, step, line } of graph.nodes) {
    assert.ok(parent === undefined || before.has(parent), `${id} stands before its group`)
    assert.ok(step === undefined || plan.steps[step] !== undefined, `${id} is a part of no step`)
    assert.ok(step === undefined || line !== undefined, `${id} has no line`)
    before.add(id)
  }
  for (const { from, to } of graph.edges)
    assert.ok(before.has(from) && before.has(to), `${from} -> ${to} has an end that is not there`)
  // Who enters a state enters its first step, however deep it stands: no edge is drawn for that.
  const parents = new Map(graph.nodes.map(({ id, parent }) => [id, parent]))
  const states = new Set(graph.nodes.filter(({ kind }) => kind === 'state').map(({ id }) => id))
  const stateOf = (id: string | undefined): string | undefined =>
    id === undefined || states.has(id) ? id : stateOf(parents.get(id))
  const entered = new Set<string>()
  const reached = new Set(graph.edges.map(({ to }) => to))
  for (const { id, kind, parent } of graph.nodes) {
    const state = stateOf(parent)
    if (kind !== 'group' && state !== undefined && !entered.has(state)) entered.add(state)
    else if (kind === 'decision' || kind === 'join' || kind === 'end')
      assert.ok(reached.has(id), `no way to ${id}`)
  }
}

interface Area {
  readonly what: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function overlap(one: Area, other: Area): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  )
}

/** No box on a box, no label on a box or a label, everything inside the picture, children inside their frames. */
function assertReadable(graph: DefinitionGraph): void {
  const { nodes, edges, width, height } = layoutGraph(graph)
  const boxes = nodes
    .filter(({ frame }) => !frame)
    .map(({ node, x, y, width, height }): Area => ({ what: node.id, x, y, width, height }))
  const labels = edges.flatMap(({ edge, label }): Area[] => {
    if (label === undefined) return []
    const half = Math.max(...label.lines.map((line) => line.length)) * 3
    const tall = label.lines.length * 12
    return [
      {
        what: `label ${edge.label} of ${edge.from} -> ${edge.to}`,
        x: label.x - half,
        y: label.y - tall / 2,
        width: 2 * half,
        height: tall,
      },
    ]
  })
  const all = [...boxes, ...labels]
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1))
      assert.ok(!overlap(one, other), `${one.what} lies on ${other.what}`)
    assert.ok(one.x >= -0.5 && one.y >= -0.5 && one.x + one.width <= width + 0.5, `${one.what} is cut off`)
    assert.ok(one.y + one.height <= height + 0.5, `${one.what} is cut off`)
  }
  for (const frame of nodes.filter(({ frame }) => frame)) {
    for (const inner of nodes.filter(({ node }) => node.parent === frame.node.id)) {
      assert.ok(
        inner.x >= frame.x &&
          inner.y >= frame.y &&
          inner.x + inner.width <= frame.x + frame.width &&
          inner.y + inner.height <= frame.y + frame.height,
        `${inner.node.id} leaves its frame ${frame.node.id}`,
      )
    }
  }
  for (const { points } of edges)
    for (const { x, y } of points)
      assert.ok(x >= -0.5 && y >= -0.5 && x <= width + 0.5 && y <= height + 0.5, 'a line leaves the picture')
}

describe('the graph of a definition', () => {
  it('of every document: each step appears, every edge has its ends, nothing lies on anything else', () => {
    const all = documents()
    assert.ok(all.length >= 4, 'documents were found')
    for (const [name, plan] of all) {
      const graph = graphOf(plan)
      try {
        assertSound(graph, plan)
        assertReadable(graph)
        assertWellFormed(svgOf(graph))
        const mermaid = mermaidOf(graph)
        assert.equal(mermaid.match(/^ *subgraph /gm)?.length ?? 0, mermaid.match(/^ *end$/gm)?.length ?? 0)
        for (const { id } of graph.nodes)
          assert.ok(mermaid.includes(`n_${id.replace(/[^A-Za-z0-9_]/g, '_')}`), `Mermaid has no ${id}`)
        assert.deepEqual(JSON.parse(JSON.stringify(graph)), graph)
      } catch (error) {
        throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  })

  const runs = drawn(60)
  it(`of random workflows the same (${runs} families drawn)`, function () {
    this.timeout(60_000)
    fc.assert(
      fc.property(randomFamily, (family) => {
        for (const { source } of family) {
          const { plan } = loadDocument(source)
          assert.ok(plan)
          const graph = graphOf(plan)
          assertSound(graph, plan)
          assertReadable(graph)
          assertWellFormed(svgOf(graph))
        }
      }),
      replayable(runs),
    )
  })

  for (const name of ['graph-verbs', 'graph-states']) {
    const graph = () => graphOf(planOf(`${name}.yaml`))
    const pictures = {
      json: (it: DefinitionGraph) => `${JSON.stringify(it, null, 2)}\n`,
      mmd: mermaidOf,
      svg: svgOf,
    }
    for (const [format, pictureOf] of Object.entries(pictures)) {
      it(`${name} as ${format} is as recorded`, () => {
        const file = join(golden, `${name}.${format}`)
        const picture = pictureOf(graph())
        if (rewrite) writeFileSync(file, picture)
        const recorded = readFileSync(file, 'utf8')
        const hint = 'PERDURE_UPDATE_GOLDEN=1 writes it anew'
        // The formatter may have broken its lines otherwise.
        if (format === 'json') assert.deepEqual(JSON.parse(picture), JSON.parse(recorded), hint)
        else assert.equal(picture, recorded, hint)
      })
    }
  }

  it('has an edge of every kind, and every ending', () => {
    const graphs = [graphOf(planOf('graph-verbs.yaml')), graphOf(planOf('graph-states.yaml'))]
    const kinds = new Set(graphs.flatMap(({ edges }) => edges.map(({ kind }) => kind)))
    const every = ['next', 'branch', 'case', 'else', 'loop', 'error', 'compensate', 'transition']
    assert.deepEqual([...kinds].sort(), every.sort())
    const endings = new Set(graphs.flatMap(({ nodes }) => nodes.map(({ ending }) => ending)))
    assert.deepEqual([...endings].filter((ending) => ending !== undefined).sort(), [
      'continueAsNew',
      'fail',
      'return',
    ])
  })

  it('leads a skipped step past itself, and an ending nowhere', () => {
    const { edges } = graphOf(
      planOfText(
        '- { id: a, activity: a }\n- { if: steps.a.bad, fail: { type: Bad } }\n- { id: b, activity: b }',
      ),
    )
    const ways = edges.map(
      ({ from, to, label }) => `${from} -> ${to}${label === undefined ? '' : ` (${label})`}`,
    )
    assert.deepEqual(ways, [
      'main/start -> a',
      'a -> fail_2/if',
      'fail_2/if -> fail_2 (yes)',
      'fail_2/if -> b (no)',
      'b -> main/end',
    ])
  })

  it('writes texts that are markup as text', () => {
    const plan = planOfText(
      `- { id: a, activity: 'a<b>&"c"' , summary: x }\n- { id: b, wait: { condition: "'<end>' = '\\"#' and 1 < 2" } }`,
    )
    const svg = svgOf(graphOf(plan))
    assertWellFormed(svg)
    assert.ok(svg.includes('a&#60;b&#62;&#38;&#34;c&#34;'))
    const mermaid = mermaidOf(graphOf(plan))
    assert.ok(mermaid.includes('a#60;b#62;#38;#34;c#34;'))
    assert.ok(!/\[".*".*"\]/.test(mermaid), 'no quote inside quotes')
  })

  it('of a thousand steps with conditions takes well below five seconds of processor time', () => {
    const steps = Array.from(
      { length: 1000 },
      (_, index) => `- { if: input = ${index}, id: s${index}, activity: a }`,
    )
    const graph = graphOf(planOfText(steps.join('\n')))
    const started = cpuMs()
    assertWellFormed(svgOf(graph))
    assert.ok(cpuMs() - started < 5_000)
  })

  function planOfText(steps: string): Plan {
    const { plan, problems } = loadDocument(
      `dsl: perdure/1\nname: a\nversion: 1.0.0\nsteps:\n${steps.replace(/^/gm, '  ')}\n`,
    )
    assert.ok(plan, JSON.stringify(problems))
    return plan
  }
})
