import assert from 'node:assert/strict'
import { perdure, startPerdure, TemporaryDirectory } from './command.ts'
import {
  activities,
  basket,
  counting,
  draft,
  failing,
  family,
  greeting,
  parent,
  patient,
} from './documents.ts'

describe('perdure run: children, chains, state machines', function () {
  this.timeout(60_000)
  const temporary = new TemporaryDirectory()
  after(() => temporary.remove())
  const directory = temporary.sub({
    'activities.ts': activities,
    'basket.yaml': basket,
    'counting.yaml': counting,
    'draft.yaml': draft,
    'failing.yaml': failing,
    'family.yaml': family,
    'greeting.yaml': greeting,
    'parent.yaml': parent,
    'patient.yaml': patient,
    // Of no concern to the others: it is not even read as a document.
    'unrelated.yaml': 'dsl: perdure/1\nname: unrelated\nsteps: nonsense\n',
  })
  const run = (args: readonly string[], inside = directory) =>
    perdure(['run', ...args], { directory: inside })

  it('takes children from the folder of the document and shows what they do', async () => {
    const { code, stdout, stderr } = await run([
      'family.yaml',
      '--skip-time',
      '--activities',
      'activities.ts',
      '--id',
      'f',
    ])
    assert.equal(code, 0, stderr)
    assert.deepEqual(JSON.parse(stdout), ['Hello, a!', 'Hello, b!'])
    assert.match(stderr, /^ {2}with greeting@1\.0\.0 {2}greeting\.yaml$/m)
    assert.doesNotMatch(stderr, /unrelated/)
    assert.match(stderr, /▶ kids\[0\]\.kid {2}child greeting@1\.0\.0 started as f\/kids\[0\]/)
    assert.match(stderr, /✓ kids\[1\]\.kid › greet {2}greetings\.greet took/)
    assert.match(stderr, /✓ kids\[1\]\.kid {2}child greeting completed after/)
    assert.match(stderr, /✗ bad {2}child failing failed after \S+ m?s: Broken: it broke/)
    assert.match(stderr, /↻ bad {2}is tried again in 10 m/)
    assert.match(stderr, /\+10m\d\ds ✗ bad {2}child failing failed/, 'the pause took no time')
    assert.match(stderr, /» \S+ {2}emits family\.sad about bad \{"why":"it broke"\}/)
    assert.match(stderr, /closed in 10 m( \d+ s)?; 2 activity attempts/)
    assert.match(stderr, /still running, and ended with this process since all is in memory: f\/aside/)
  })

  it('follows a chain to its last run, with one clock for all of it', async () => {
    const { code, stdout, stderr } = await run(['counting.yaml', '--skip-time', '--set', 'n=1'])
    assert.deepEqual([code, stdout], [0, '3\n'], stderr)
    assert.match(stderr, /\+1d00h ↪ continues as new after 1 d: run [0-9a-f-]{36}, with \{"n":2\}/)
    assert.match(stderr, /\+3d00h ✓ day {2}the wait is over/)
    assert.match(stderr, /closed in 3 d; 0 activity attempts/)
  })

  it('takes children from --definitions too; the one beside the document wins', async () => {
    const child = (word: string) =>
      `dsl: perdure/1\nname: child\nversion: 1.0.0\nsteps:\n  - return: ${word}\n`
    const document =
      'dsl: perdure/1\nname: top\nversion: 1.0.0\nsteps:\n  - id: c\n    workflow: child\n  - return: ${ steps.c }\n'
    const inside = temporary.sub({
      'top.yaml': document,
      'elsewhere/deep/child.yaml': child('elsewhere'),
      'both/top.yaml': document,
      'both/child.yaml': child('beside'),
    })
    const found = await run(['top.yaml', '--definitions', 'elsewhere'], inside)
    assert.deepEqual([found.code, found.stdout], [0, '"elsewhere"\n'], found.stderr)
    const beside = await run(['both/top.yaml', '--definitions', 'elsewhere'], inside)
    assert.deepEqual([beside.code, beside.stdout], [0, '"beside"\n'], beside.stderr)
  })

  it('says beforehand that a child is not there, and where its step fails', async () => {
    const inside = temporary.sub({ 'parent.yaml': parent })
    const { code, stderr } = await run(['parent.yaml'], inside)
    assert.equal(code, 1)
    assert.match(
      stderr,
      /warning: no document basket is beside it .* step kid will fail with WorkflowNotFound/,
    )
    assert.match(stderr, /failed: WorkflowNotFound/)
    assert.match(stderr, /in parent\.yaml:5/)
  })

  it('checks a child, and what it is given, before anything runs', async () => {
    const inside = temporary.sub({
      'parent.yaml': parent,
      'basket.yaml': basket.replace('vars: { items: 0 }', 'vars: [nothing]'),
    })
    const invalid = await run(['parent.yaml'], inside)
    assert.equal(invalid.code, 2)
    assert.match(invalid.stderr, /basket\.yaml:4:1 error/)
    const misfit = temporary.sub({
      'family.yaml': family.replace('input: { name: "${ name }" }', 'input: { name: 5 }'),
      'greeting.yaml': greeting,
    })
    const refused = await run(['family.yaml'], misfit)
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /family\.yaml:\d+:\d+ error child-input-invalid .*"greeting" 1\.0\.0/)
  })

  it('tells what a child waits for; an interruption cancels the whole family', async () => {
    const running = startPerdure(['run', 'parent.yaml', '--json', '--id', 'p'], { directory })
    await running.until(/… kid › checkout {2}.*signal `checkout`/)
    await running.until(/nothing can send a signal to a run in memory/)
    running.child.kill('SIGINT')
    const { stdout, stderr } = await running.ended
    assert.equal(JSON.parse(stdout).status, 'canceled', stderr)
    assert.match(stderr, /⊘ kid {2}asked to cancel/)
  })

  it('runs a state machine as far as it goes by itself', async () => {
    const running = startPerdure(['run', 'draft.yaml', '--json'], { directory })
    await running.until(/… .*submit/)
    running.child.kill('SIGINT')
    assert.equal(JSON.parse((await running.ended).stdout).status, 'canceled')
  })

  it('a saga that pauses says so; an interruption ends it, since nobody can resume it here', async () => {
    const inside = temporary.sub({
      'refund.yaml':
        'dsl: perdure/1\nname: refund\nversion: 1.0.0\nsaga: { onFailure: pause }\nsteps:\n  - id: charge\n    activity: bank.charge\n    compensate: { activity: bank.refund, retry: false }\n  - fail: { type: Late, message: too late }\n',
      'bank.ts':
        "export const charge = { name: 'bank.charge', run: async () => 1 }\nexport const refund = { name: 'bank.refund', run: async () => { throw new Error('closed') } }\n",
    })
    const running = startPerdure(['run', 'refund.yaml', '--activities', 'bank.ts', '--json'], {
      directory: inside,
    })
    await running.until(/‖ charge {2}paused: .*compensation/)
    running.child.kill('SIGINT')
    const { code, stdout, stderr } = await running.ended
    assert.equal(code, 1)
    assert.equal(JSON.parse(stdout).status, 'terminated', stderr)
  })
})
