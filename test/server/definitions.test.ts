import assert from 'node:assert/strict'
import { type Harness, harness, hello } from './harness.ts'

const yaml = { 'content-type': 'application/yaml' }

describe('server: definitions', () => {
  let at: Harness
  beforeEach(async () => {
    at = await harness()
  })
  afterEach(() => at.stop())
  const deploy = (text: string, headers = yaml, query = '') =>
    at.call('POST', `/api/v1/definitions${query}`, { text, headers })
  const version = (n: number) => hello.replace('1.0.0', `1.${n}.0`)

  it('deploys with 201, answers the same content with 200 and another with 409', async () => {
    const first = await deploy(hello)
    assert.equal(first.status, 201)
    assert.equal(first.body.outcome, 'created')
    assert.deepEqual([first.body.name, first.body.version], ['hello', '1.0.0'])
    const again = await deploy(hello)
    assert.deepEqual([again.status, again.body.outcome], [200, 'same'])
    const other = await deploy(hello.replace('return: 1', 'return: 2'))
    assert.equal(other.status, 409)
    assert.equal(other.body.code, 'DefinitionConflict')
    assert.equal(other.body.suggestion, 'raise the version')
    assert.equal(other.body.type, 'urn:perdure:error:DefinitionConflict')
    assert.equal(other.body.title, 'another content is deployed under this version')
  })

  it('tells all problems of a document with 422', async () => {
    const answer = await deploy('dsl: perdure/1\n')
    assert.equal(answer.status, 422)
    assert.equal(answer.body.code, 'DefinitionInvalid')
    assert.equal(answer.body.problems[0].code, 'missing-key')
    assert.equal(answer.body.problems[0].line, 1)
  })

  it('takes JSON and each name of YAML, and hands on the text as it came', async () => {
    const document = { dsl: 'perdure/1', name: 'hello', version: '2.0.0', steps: [{ return: 1 }] }
    const json = await at.call('POST', '/api/v1/definitions', { json: document })
    assert.equal(json.status, 201)
    assert.deepEqual(at.engine.argsOf('deploy'), [
      { namespace: 'default', source: JSON.stringify(document), format: 'json', dryRun: false },
    ])
    for (const type of ['text/yaml', 'application/x-yaml', 'application/yaml; charset=UTF-8'])
      assert.equal((await deploy(`${hello}# ${type}`, { 'content-type': type })).status < 300, true, type)
    const commented = `# kept\n${version(9)}`
    await deploy(commented)
    assert.deepEqual(at.engine.argsOf('deploy'), [
      { namespace: 'default', source: commented, format: 'yaml', dryRun: false },
    ])
  })

  it('deploys nothing with dryRun, which may stand without a value', async () => {
    for (const query of ['?dryRun=true', '?dryRun']) {
      const answer = await deploy(hello, yaml, query)
      assert.equal(answer.status, 200, query)
    }
    assert.equal(at.engine.definitionsByKey.size, 0)
    assert.equal((await deploy(hello, yaml, '?dryRun=false')).status, 201)
    const wrong = await deploy(hello, yaml, '?dryRun=perhaps')
    assert.equal(wrong.status, 400)
    assert.deepEqual(wrong.body.errors[0], { in: 'query', pointer: '/dryRun', message: 'must be boolean' })
  })

  it('refuses other content types, an empty body, bad bytes and malformed JSON', async () => {
    const form = await deploy(hello, { 'content-type': 'application/x-www-form-urlencoded' })
    assert.equal(form.status, 415)
    assert.match(form.body.suggestion, /application\/yaml/)
    assert.match(form.headers.get('accept') ?? '', /application\/yaml/)
    const latin = await deploy(hello, { 'content-type': 'application/yaml; charset=iso-8859-1' })
    assert.equal(latin.status, 415)
    assert.equal((await deploy('')).status, 400)
    const bytes = await at.call('POST', '/api/v1/definitions', {
      text: new Uint8Array([0xff, 0xfe, 0x41]),
      headers: yaml,
    })
    assert.deepEqual([bytes.status, bytes.body.detail], [400, 'the body is not UTF-8'])
    const json = await deploy('{\n  "dsl": }', { 'content-type': 'application/json' })
    assert.equal(json.status, 400)
    assert.match(json.body.detail, /line 2, column 10: expected a value, found '}'/)
    const nul = await deploy(`${hello}# \0`)
    assert.equal(nul.status, 400)
    assert.match(nul.body.detail, /U\+0000/)
    assert.equal(at.engine.definitionsByKey.size, 0)
  })

  it('validates without deploying, also where the version is taken by another content', async () => {
    const validate = (text: string) =>
      at.call('POST', '/api/v1/definitions/validate', { text, headers: yaml })
    assert.deepEqual((await validate(hello)).body, { valid: true, problems: [] })
    assert.equal(at.engine.definitionsByKey.size, 0)
    const wrong = await validate('dsl: perdure/1\n')
    assert.equal(wrong.status, 200)
    assert.equal(wrong.body.valid, false)
    assert.equal(wrong.body.problems.length, 1)
    await deploy(hello)
    assert.equal((await validate(hello.replace('return: 1', 'return: 2'))).body.valid, true)
  })

  it('lists in pages until the cursor is null', async () => {
    for (let n = 0; n < 5; n++) await deploy(version(n))
    const seen: string[] = []
    let cursor: string | null = ''
    let pages = 0
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`
      const page = await at.call('GET', `/api/v1/definitions?limit=2${query}`)
      assert.equal(page.status, 200)
      seen.push(...page.body.items.map((item: { version: string }) => item.version))
      cursor = page.body.cursor
      pages += 1
    }
    assert.deepEqual(seen, ['1.0.0', '1.1.0', '1.2.0', '1.3.0', '1.4.0'])
    assert.equal(pages, 3)
    const exact = await at.call('GET', '/api/v1/definitions?limit=5')
    assert.equal(exact.body.cursor, null)
    const forged = await at.call('GET', '/api/v1/definitions?cursor=abc')
    assert.deepEqual([forged.status, forged.body.errors[0].pointer], [400, '/cursor'])
  })

  it('lists the versions of one name, and 404 where there is none', async () => {
    await deploy(hello)
    const versions = await at.call('GET', '/api/v1/definitions/hello')
    assert.equal(versions.body.name, 'hello')
    assert.equal(versions.body.items.length, 1)
    const none = await at.call('GET', '/api/v1/definitions/nothing')
    assert.deepEqual([none.status, none.body.code], [404, 'WorkflowNotFound'])
    assert.equal((await at.call('GET', '/api/v1/definitions/Not-A-Name')).status, 400)
  })

  it('gives one as JSON, or as it was deployed', async () => {
    const source = `# a comment\n${hello}`
    await deploy(source)
    const path = '/api/v1/definitions/hello/versions/1.0.0'
    for (const headers of [{}, { accept: '*/*' }, { accept: 'application/json' }, { accept: 'image/png' }]) {
      const json = await at.call('GET', path, { headers })
      assert.equal(json.headers.get('content-type'), 'application/json; charset=utf-8')
      assert.equal(json.body.source, source)
      assert.deepEqual(json.body.document.steps, [{ return: 1 }])
    }
    const text = await at.call('GET', path, { headers: { accept: 'application/yaml' } })
    assert.equal(text.text, source)
    assert.equal(text.headers.get('content-type'), 'application/yaml; charset=utf-8')
    const older = await at.call('GET', path, { headers: { accept: 'text/yaml' } })
    assert.equal(older.text, source)
    assert.equal((await at.call('GET', '/api/v1/definitions/hello/versions/9.9.9')).status, 404)
  })

  it('draws one: as JSON, as Mermaid, as a picture', async () => {
    await deploy(hello)
    const path = '/api/v1/definitions/hello/versions/1.0.0/graph'
    const json = await at.call('GET', path)
    assert.deepEqual([json.status, json.body.name, json.body.version], [200, 'hello', '1.0.0'])
    assert.ok(json.body.nodes.some((node: { verb?: string }) => node.verb === 'return'))
    const mermaid = await at.call('GET', `${path}?format=mermaid`)
    assert.match(mermaid.text, /^%% hello 1\.0\.0\nflowchart TD\n/)
    const svg = await at.call('GET', `${path}?format=svg`)
    assert.match(svg.text, /^<svg /)
    assert.match(svg.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    const accepted = await at.call('GET', path, { headers: { accept: 'image/svg+xml' } })
    assert.equal(accepted.text, svg.text)
    const wanted = await at.call('GET', `${path}?format=json`, { headers: { accept: 'image/svg+xml' } })
    assert.deepEqual(wanted.body, json.body)
    assert.equal((await at.call('GET', `${path}?format=png`)).status, 400)
    assert.equal((await at.call('GET', path.replace('1.0.0', '9.0.0'))).status, 404)
  })

  it('deprecates and takes it back', async () => {
    await deploy(hello)
    const path = '/api/v1/definitions/hello/versions/1.0.0'
    const gone = await at.call('POST', `${path}/deprecate`)
    assert.deepEqual([gone.status, gone.body.deprecated], [200, true])
    assert.equal('source' in gone.body, false)
    const back = await at.call('POST', `${path}/undeprecate`, { json: {} })
    assert.equal(back.body.deprecated, false)
    assert.equal((await at.call('POST', `${path}/deprecate`, { json: { why: 1 } })).status, 400)
    assert.equal((await at.call('POST', '/api/v1/definitions/no/versions/1.0.0/deprecate')).status, 404)
  })

  it('says which version a start would get', async () => {
    await deploy(hello)
    const answer = await at.call('GET', '/api/v1/definitions/hello/resolve?version=%5E1&workflowId=o-1')
    assert.deepEqual(answer.body, { name: 'hello', version: '1.0.0', reason: 'the highest stable version' })
    assert.deepEqual(at.engine.argsOf('resolve'), ['default', 'hello', '^1'])
    assert.equal((await at.call('GET', '/api/v1/definitions/none/resolve')).status, 404)
  })

  it('keeps namespaces apart', async () => {
    await deploy(hello, yaml, '?namespace=team-a')
    assert.equal((await at.call('GET', '/api/v1/definitions')).body.items.length, 0)
    assert.equal((await at.call('GET', '/api/v1/definitions?namespace=team-a')).body.items.length, 1)
    assert.equal((await at.call('GET', '/api/v1/definitions?namespace=../x')).status, 400)
  })
})
