import assert from 'node:assert/strict'
import { perdure, TemporaryDirectory } from './command.ts'
import { approval, broken, draft } from './documents.ts'

describe('perdure graph', () => {
  const temporary = new TemporaryDirectory()
  after(() => temporary.remove())
  const directory = temporary.sub({ 'approval.yaml': approval, 'broken.yaml': broken, 'draft.yaml': draft })
  const graph = (...args: string[]) => perdure(['graph', ...args], { directory })

  it('prints Mermaid, JSON or a picture on standard output, and nothing else', async () => {
    const mermaid = await graph('approval.yaml')
    assert.deepEqual([mermaid.code, mermaid.stderr], [0, ''])
    assert.match(mermaid.stdout, /^%% approval 1\.0\.0\nflowchart TD\n/)
    const json = await graph('approval.yaml', '--format', 'json')
    const parsed = JSON.parse(json.stdout)
    assert.deepEqual([parsed.name, parsed.version], ['approval', '1.0.0'])
    assert.ok(parsed.nodes.some((node: { step?: string }) => node.step === 'decision'))
    const line = await graph('approval.yaml', '--json')
    assert.equal(line.stdout.trimEnd().split('\n').length, 1)
    assert.deepEqual(JSON.parse(line.stdout), parsed)
    const svg = await graph('draft.yaml', '--format', 'svg')
    assert.match(svg.stdout, /^<svg [\s\S]*<\/svg>\n$/)
    assert.match(svg.stdout, /data-node="[^"]*review/)
  })

  it('exits 2 for a document or a format that is wrong', async () => {
    const invalid = await graph('broken.yaml')
    assert.deepEqual([invalid.code, invalid.stdout], [2, ''])
    assert.match(invalid.stderr, /broken\.yaml:7:5 error unknown-key/)
    const format = await graph('approval.yaml', '--format', 'png')
    assert.equal(format.code, 2)
    assert.match(format.stderr, /mermaid, json, svg/)
  })
})
