import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { perdureProcess, startPerdure, TemporaryDirectory } from './command.ts'
import { addDataDirectory } from './data-directory.ts'
import { activities, approval, durable, greeting } from './documents.ts'

describe('perdure run, durable', function () {
  this.timeout(120_000)
  const temporary = new TemporaryDirectory()
  after(() => temporary.remove())

  const lines = (directory: string) => readFileSync(join(directory, 'lines.txt'), 'utf8')

  it('killed and run again with the same id it goes on where it stood, and prints its result once more after that', async () => {
    const directory = temporary.sub({ 'activities.ts': activities, 'durable.yaml': durable })
    await addDataDirectory(directory, 'data')
    const args = ['run', 'durable.yaml', '--activities', 'activities.ts', '--data-dir', 'data', '--id', 'd-1']
    const first = startPerdure(args, { directory })
    await first.until(/◷ pause/)
    first.child.kill('SIGKILL')
    assert.equal((await first.ended).signal, 'SIGKILL')
    assert.equal(lines(directory), 'first\n')

    writeFileSync(join(directory, 'go'), '')
    const second = await perdureProcess(args, { directory })
    assert.equal(second.code, 0, second.stderr)
    assert.deepEqual(JSON.parse(second.stdout), ['first', 'second'])
    assert.match(
      second.stderr,
      /durable@1\.0\.0 {2}id d-1, in data: goes on where it stood, after \d+ events/,
    )
    assert.doesNotMatch(second.stderr, /✓ first/)
    assert.match(second.stderr, /✓ second {2}files\.append took/)
    assert.equal(lines(directory), 'first\nsecond\n')

    const third = await perdureProcess([...args, '--json'], { directory })
    assert.equal(third.code, 0, third.stderr)
    assert.deepEqual(JSON.parse(third.stdout).result, ['first', 'second'])
    assert.match(third.stderr, /d-1 is closed since .*: this is how it ended/)
    assert.equal(lines(directory), 'first\nsecond\n')
  })

  it('leaves other executions of its store to the process that has their activities', async () => {
    const directory = temporary.sub({
      'activities.ts': activities,
      'durable.yaml': durable,
      'approval.yaml': approval,
      'greeting.yaml': greeting,
    })
    await addDataDirectory(directory, 'data')
    const args = ['run', 'durable.yaml', '--activities', 'activities.ts', '--data-dir', 'data', '--id', 'd-1']
    const first = startPerdure(args, { directory })
    await first.until(/◷ pause/)
    first.child.kill('SIGKILL')
    await first.ended

    // Takes up d-1 as well, whose next activity it does not have; its own, unknown one fails at once.
    const own = ['run', 'greeting.yaml', '--data-dir', 'data', '--set', 'name=Ada', '--json']
    const unknown = await perdureProcess(own, { directory })
    assert.equal(JSON.parse(unknown.stdout).error.type, 'ActivityNotRegistered')
    const other = startPerdure(['run', 'approval.yaml', '--data-dir', 'data'], { directory })
    await other.until(/… decision/)
    other.child.kill('SIGINT')
    await other.ended
    assert.equal(lines(directory), 'first\n')

    writeFileSync(join(directory, 'go'), '')
    const again = await perdureProcess(args, { directory })
    assert.deepEqual([again.code, JSON.parse(again.stdout)], [0, ['first', 'second']], again.stderr)
  })
})
