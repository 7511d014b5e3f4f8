import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { forEachCase, perdureProcess, startPerdure, TemporaryDirectory } from './command.ts'
import { addDataDirectory } from './data-directory.ts'
import { activities, broken, durable, greeting } from './documents.ts'

describe('the life of perdure serve', function () {
  this.timeout(120_000)
  const temporary = new TemporaryDirectory()
  after(() => temporary.remove())

  it('stops on SIGTERM within its bound and goes on after SIGKILL', async () => {
    const directory = temporary.sub({
      'activities.ts': activities,
      'definitions/durable.yaml': durable,
      go: '',
    })
    const args = [
      'serve',
      '--port',
      '0',
      '--activities',
      './activities.ts',
      '--log-level',
      'silent',
      '--data-dir',
      'd',
    ]
    await addDataDirectory(directory, 'd')
    const first = startPerdure(args, { directory })
    const [, one = ''] = await first.until(/^perdure serves (\S+), in d$/m)
    assert.equal(
      (await perdureProcess(['start', 'durable', '--id', 'd-1', '--server', one], { directory })).code,
      0,
    )
    first.child.kill('SIGKILL')
    await first.ended

    const second = startPerdure(args, { directory })
    const [, two = ''] = await second.until(/^perdure serves (\S+), in d$/m)
    const result = await perdureProcess(['result', 'd-1', '--server', two], { directory })
    assert.deepEqual(JSON.parse(result.stdout), ['first', 'second'])
    // A client that holds its connection open does not hold the stop.
    const socket = connect(Number(new URL(two).port), '127.0.0.1')
    socket.on('error', () => undefined)
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
    second.child.kill('SIGTERM')
    const { code, stderr } = await second.ended
    assert.equal(code, 0, stderr)
    assert.match(stderr, /SIGTERM: stopping/)
  })

  it('refuses to start with documents, settings, modules or an address that are wrong', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const address = taken.address()
    const port = String(typeof address === 'object' ? address?.port : '')
    const cases = [
      {
        files: { 'defs/broken.yaml': broken },
        args: ['--definitions', 'defs'],
        message: /defs\/broken\.yaml:7:5[\s\S]*not deployed: defs\/broken\.yaml/,
      },
      {
        files: { 'defs/a.txt': '' },
        args: ['--definitions', 'defs'],
        message: /there is no document in defs/,
      },
      { files: {}, args: ['--definitions', 'nowhere'], message: /no file or directory nowhere/ },
      { files: {}, args: ['--host', '0.0.0.0'], message: /without any API key/ },
      { files: {}, args: ['--port', port], message: /is taken/ },
      { files: { 'a.ts': 'export default 7' }, args: ['--activities', './a.ts'], message: /a\.ts/ },
      {
        files: { 'perdure.config.yaml': 'plugins: { mail: { use: ./gone.ts } }' },
        args: [],
        message: /mail|gone\.ts/,
      },
    ]
    await forEachCase(cases, async ({ files, args, message }) => {
      const directory = temporary.sub(files)
      await addDataDirectory(directory)
      const ended = await perdureProcess(['serve', '--port', '0', '--log-level', 'silent', ...args], {
        directory,
      })
      assert.deepEqual([args, ended.code], [args, 2], ended.stderr)
      assert.match(ended.stderr, message)
    })
    const unreachable = await perdureProcess(
      [
        'serve',
        '--port',
        '0',
        '--log-level',
        'silent',
        '--database-url',
        'postgres://me:hush@127.0.0.1:9/db',
      ],
      { directory: temporary.sub() },
    )
    assert.equal(unreachable.code, 1)
    assert.match(unreachable.stderr, /database/)
    assert.doesNotMatch(unreachable.stderr, /hush|\n\s+at /)
    taken.close()
  })

  it('--watch deploys what changes and stays up when a document is wrong', async () => {
    const directory = temporary.sub()
    mkdirSync(join(directory, 'defs'))
    await addDataDirectory(directory)
    const args = ['serve', '--port', '0', '--definitions', 'defs', '--watch', '--log-level', 'silent']
    const server = startPerdure(args, { directory })
    await server.until(/^perdure serves/m)
    writeFileSync(join(directory, 'defs', 'greeting.yaml'), greeting)
    await server.until(/deployed greeting@1\.0\.0 {2}defs\/greeting\.yaml/)
    writeFileSync(join(directory, 'defs', 'broken.yaml'), broken)
    await server.until(/defs\/broken\.yaml:7:5 error/)
    writeFileSync(join(directory, 'defs', 'greeting.yaml'), greeting.replace('1.0.0', '1.1.0'))
    await server.until(/deployed greeting@1\.1\.0/)
    writeFileSync(join(directory, 'defs', 'greeting.yaml'), greeting.replace('minLength: 1', 'minLength: 2'))
    await server.until(/defs\/greeting\.yaml: .*\(DefinitionConflict\)\n.*raise `version`/)
    server.child.kill('SIGTERM')
    assert.equal((await server.ended).code, 0)
  })

  it('a second signal ends it at once', async () => {
    const directory = temporary.sub({
      'slow.ts': `export default { name: 'greetings.greet', run: () => new Promise((resolve) => setTimeout(resolve, 60_000)) }`,
      'definitions/greeting.yaml': greeting,
    })
    const args = [
      'serve',
      '--port',
      '0',
      '--activities',
      './slow.ts',
      '--shutdown-grace',
      '50s',
      '--log-level',
      'silent',
    ]
    await addDataDirectory(directory)
    const server = startPerdure(args, { directory })
    const [, url = ''] = await server.until(/^perdure serves (\S+),/m)
    await perdureProcess(['start', 'greeting', '--set', 'name=x', '--server', url], { directory })
    server.child.kill('SIGINT')
    await server.until(/SIGINT: stopping; once more ends it at once/)
    assert.equal(server.child.exitCode, null)
    server.child.kill('SIGINT')
    assert.equal((await server.ended).code, 130)
  })
})
