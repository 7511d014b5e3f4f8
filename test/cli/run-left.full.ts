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
})
