import assert from 'node:assert/strict'
import { join } from 'node:path'
import { perdureProcess, startPerdure, TemporaryDirectory } from './command.ts'
import { addDataDirectory } from './data-directory.ts'
import { activities, approval, failing } from './documents.ts'

describe('perdure run, durable and left', function () {
  this.timeout(120_000)
  const temporary = new TemporaryDirectory()
  after(() => temporary.remove())

  it('Ctrl-C leaves it and says how to go on; another document under its id or version is refused', async () => {
    const directory = temporary.sub({
      'activities.ts': activities,
      'approval.yaml': approval,
      'failing.yaml': failing,
    })
    await addDataDirectory(directory, 'data')
    const args = ['run', 'approval.yaml', '--data-dir', 'data', '--id', 'a-1']
    const first = startPerdure(args, { directory })
    await first.until(/`perdure signal a-1 NAME` send/)
    first.child.kill('SIGINT')
    const { code, stderr } = await first.ended
    assert.equal(code, 130)
    assert.match(
      stderr,
      /a-1 is left as it stands; `perdure run approval\.yaml --id a-1 --data-dir data` goes on with it/,
    )

    const other = await perdureProcess(['run', 'failing.yaml', '--data-dir', 'data', '--id', 'a-1'], {
      directory,
    })
    assert.equal(other.code, 2)
    assert.match(other.stderr, /the id a-1 belongs to an execution of approval@1\.0\.0, not of failing/)

    const changed = temporary.sub({ 'approval.yaml': approval.replace('stage: asked', 'stage: begun') })
    const data = join(directory, 'data')
    const conflict = await perdureProcess(['run', 'approval.yaml', '--data-dir', data], {
      directory: changed,
    })
    assert.equal(conflict.code, 2)
    assert.match(conflict.stderr, /another content is known as approval@1\.0\.0/)
    assert.match(conflict.stderr, /raise `version`/)
  })

  it('takes up its children too, and says of them what it says of itself', async () => {
    const directory = temporary.sub({
      'kid.yaml':
        'dsl: perdure/1\nname: kid\nversion: 1.0.0\nsignals: { go: {} }\nsteps:\n  - id: gate\n    wait: { signal: go }\n  - id: act\n    activity: nobody.has\n',
      'top.yaml':
        'dsl: perdure/1\nname: top\nversion: 1.0.0\nsteps:\n  - id: k\n    workflow: kid\n    workflowId: k-1\n  - return: ${ steps.k }\n',
    })
    await addDataDirectory(directory, 'data')
    const args = ['run', 'top.yaml', '--data-dir', 'data', '--id', 't-1']
    const first = startPerdure(args, { directory })
    await first.until(/… k › gate/)
    first.child.kill('SIGINT')
    assert.equal((await first.ended).code, 130)

    const serve = startPerdure(['serve', '--port', '0', '--data-dir', 'data'], { directory })
    const [, url = ''] = await serve.until(/^perdure serves (\S+),/m)
    const signal = await perdureProcess(['signal', 'k-1', 'go', '--server', url], { directory })
    assert.equal(signal.code, 0, signal.stderr)
    serve.child.kill('SIGTERM')
    await serve.ended

    const { code, stderr } = await perdureProcess(args, { directory })
    assert.equal(code, 1)
    assert.match(stderr, /t-1, in data: goes on where it stood, after \d+ events/)
    assert.match(stderr, /✗ k › act {2}nobody\.has failed .*ActivityNotRegistered/)
    assert.match(stderr, /✗ k {2}child kid failed/)
    assert.match(stderr, /failed: ChildWorkflowFailed/)
  })
})
