import assert from 'node:assert/strict'
import { perdure, TemporaryDirectory } from './command.ts'
import { activities, approval, broken, family, greeting, parent } from './documents.ts'

describe('perdure validate', function () {
  this.timeout(60_000)
  const directory = new TemporaryDirectory()
  after(() => directory.remove())

  it('finds the documents below a directory, in any of their endings, and nothing else', async () => {
    const below = directory.sub({
      'a/greeting.yaml': greeting,
      'a/b/approval.yml': approval,
      'c.json': JSON.stringify({ dsl: 'perdure/1', name: 'c', version: '1.0.0', steps: [{ return: 1 }] }),
      'package.json': '{ "name": "x", "scripts": { "dsl": "echo" } }',
      'greeting.test.yaml': 'workflow: ./a/greeting.yaml\nscenarios: []\n',
      'notes.txt': 'dsl: perdure/1',
      'node_modules/x/broken.yaml': broken,
      '.hidden/broken.yaml': broken,
    })
    const { code, stdout } = await perdure(['validate', '.', '--json'], { directory: below })
    assert.equal(code, 0)
    const answer = JSON.parse(stdout)
    assert.equal(answer.valid, true)
    assert.deepEqual(
      answer.documents
        .map((document: { file: string; name: string }) => [document.file, document.name])
        .sort(),
      [
        ['a/b/approval.yml', 'approval'],
        ['a/greeting.yaml', 'greeting'],
        ['c.json', 'c'],
      ],
    )
  })

  it('prints every problem with code, place, caret excerpt and fix, and exits 2', async () => {
    const below = directory.sub({ 'broken.yaml': broken, 'greeting.yaml': greeting })
    const { code, stdout, stderr } = await perdure(['validate', 'broken.yaml', 'greeting.yaml'], {
      directory: below,
    })
    assert.equal(code, 2)
    assert.match(stdout, /broken\.yaml:7:5 error \S+ .*inputs/)
    assert.match(stdout, / {4}inputs: \{\}\n\s+\^+/)
    assert.match(stdout, /did you mean/i)
    assert.match(stdout, /✗ 2 documents: 2 errors/)
    assert.equal(stderr, '')
  })

  it('gives the same as one JSON value', async () => {
    const below = directory.sub({ 'broken.yaml': broken })
    const { code, stdout } = await perdure(['validate', 'broken.yaml', '--json'], { directory: below })
    assert.equal(code, 2)
    const { valid, documents } = JSON.parse(stdout)
    assert.equal(valid, false)
    const [problem] = documents[0].problems
    assert.deepEqual(
      [problem.severity, problem.file, problem.line, problem.column],
      ['error', 'broken.yaml', 7, 5],
    )
  })

  it('says nothing of an activity that one of the plugins may have', async () => {
    const files = {
      'acts.mjs': "export default { name: 'known', run: () => 1 }",
      'mail.yaml':
        'dsl: perdure/1\nname: mail\nversion: 1.0.0\nsteps:\n  - { id: send, activity: mail.send }\n',
    }
    const hint = async (settings: string) => {
      const below = directory.sub({ ...files, 'perdure.config.yaml': settings })
      const { code, stdout } = await perdure(['validate', 'mail.yaml'], { directory: below })
      assert.equal(code, 0)
      return stdout.includes('hint activity-not-registered')
    }
    assert.equal(await hint('activities: [acts.mjs]\n'), true)
    assert.equal(await hint('activities: [acts.mjs]\nplugins: {}\n'), true)
    assert.equal(await hint('activities: [acts.mjs]\nplugins: { mail: { use: ./mail.mjs } }\n'), false)
  })

  it('fails when there is no document, no such path, or no text', async () => {
    const below = directory.sub({ 'notes/readme.txt': 'x' })
    const none = await perdure(['validate', 'notes'], { directory: below })
    assert.deepEqual([none.code, none.stdout], [2, ''])
    assert.match(none.stderr, /error: there is no document in notes \(NoDocument\)/)
    const missing = await perdure(['validate', 'nowhere.yaml', '--json'], { directory: below })
    assert.equal(missing.code, 2)
    assert.match(missing.stderr, /there is no file or directory nowhere\.yaml/)
    assert.equal(JSON.parse(missing.stdout).error.code, 'FileNotFound')
    const bare = await perdure(['validate'], { directory: below })
    assert.equal(bare.code, 2)
    assert.match(bare.stderr, /missing required argument 'PATH'/)
  })

  it('checks against the activities of modules, named before or after the documents', async () => {
    const below = directory.sub({
      'activities.ts': activities.replace(
        "name: 'greetings.greet'",
        "name: 'greetings.greet', input: { type: 'object', required: ['title'], additionalProperties: false, properties: { title: { type: 'string' } } }",
      ),
      'greeting.yaml': greeting,
      'unknown.yaml': greeting.replace('greetings.greet', 'greetings.great'),
    })
    const fits = await perdure(['validate', '--activities', 'activities.ts', 'unknown.yaml'], {
      directory: below,
    })
    assert.match(fits.stdout, /greetings\.great/)
    assert.match(fits.stdout, /greetings\.greet/, 'names the one that was meant')
    const input = await perdure(['validate', 'greeting.yaml', '--activities', './activities.ts'], {
      directory: below,
    })
    assert.match(input.stdout, /title|name/)
    const gone = await perdure(['validate', 'greeting.yaml', '--activities', './gone.ts'], {
      directory: below,
    })
    assert.equal(gone.code, 2)
    assert.match(gone.stderr, /gone\.ts: there is no such file/)
  })

  it('checks documents that start each other together, named or beside', async () => {
    const below = directory.sub({
      'family.yaml': family.replace('input: { name: "${ name }" }', 'input: { name: 5 }'),
      'greeting.yaml': greeting,
      'parent.yaml': parent.replace('workflow: basket', 'workflow: greetings'),
    })
    const whole = await perdure(['validate', '.'], { directory: below })
    assert.equal(whole.code, 2)
    assert.match(whole.stdout, /family\.yaml:\d+:\d+ error child-input-invalid/)
    assert.match(whole.stdout, /parent\.yaml:\d+:\d+ hint workflow-not-known .*"greetings"/)
    assert.match(whole.stdout, /did you mean `greeting`/)
    const one = await perdure(['validate', 'family.yaml'], { directory: below })
    assert.match(one.stdout, /error child-input-invalid/)
    assert.match(one.stdout, /✗ 1 document:/)
    const alone = directory.sub({ 'parent.yaml': parent })
    const nothingKnown = await perdure(['validate', 'parent.yaml'], { directory: alone })
    assert.deepEqual([nothingKnown.code, nothingKnown.stdout], [0, '✓ 1 document: no problem\n'])
  })

  it('takes limits as settings', async () => {
    const below = directory.sub({
      'greeting.yaml': greeting,
      'perdure.config.yaml': 'limits: { documentSteps: 1 }\n',
    })
    const { code, stdout } = await perdure(['validate', 'greeting.yaml'], { directory: below })
    assert.equal(code, 2)
    assert.match(stdout, /documentSteps/)
    const raised = await perdure(['validate', 'greeting.yaml', '--limits-document-steps', '2'], {
      directory: below,
    })
    assert.equal(raised.code, 0)
  })
})
