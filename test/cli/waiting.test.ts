/** Commands that wait: with patience for a server that goes away meanwhile, without for one that was never there. */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { perdure } from './command.ts'

type Step = 'drop' | { readonly status: number; readonly body: unknown }

/** Answers one step after another, and keeps what was asked for. */
async function scripted(steps: readonly Step[]): Promise<{ args: string[]; urls: string[]; stop(): void }> {
  const urls: string[] = []
  const server = createServer((request: IncomingMessage, response) => {
    const step = steps[urls.push(String(request.url)) - 1] ?? 'drop'
    request.resume()
    if (step === 'drop') {
      request.socket.destroy()
      return
    }
    response.writeHead(step.status, { 'content-type': 'application/json' }).end(JSON.stringify(step.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    args: ['--server', `http://127.0.0.1:${port}`, '--json'],
    urls,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const drops = (count: number) => Array<Step>(count).fill('drop')

describe('commands that wait for a server', () => {
  it('result goes on with the run that it began with while the server starts anew', async () => {
    const running = { status: 202, body: { workflowId: 'w', runId: 'r-1', status: 'running' } }
    const outcome = { workflowId: 'w', runId: 'r-2', status: 'completed', result: 7 }
    const at = await scripted([running, ...drops(4), { status: 200, body: outcome }])
    const { code, stdout } = await perdure(['result', 'w', ...at.args])
    assert.deepEqual([code, JSON.parse(stdout)], [0, outcome])
    assert.doesNotMatch(at.urls[0] ?? '', /runId/)
    for (const url of at.urls.slice(1)) assert.match(url, /runId=r-1/)
    at.stop()
  })

  it('update asks for the same answer while the server starts anew', async () => {
    const pending = { status: 202, body: { updateId: 'u', status: 'pending' } }
    const at = await scripted([pending, ...drops(4), { status: 200, body: [1] }])
    const { code, stdout, stderr } = await perdure(['update', 'w', 'add', '--update-id', 'u', ...at.args])
    assert.deepEqual([code, JSON.parse(stdout)], [0, { updateId: 'u', status: 'completed', result: [1] }])
    assert.equal(stderr, 'w has not answered yet; --update-id u asks for the same answer\n')
    at.stop()
  })

  it('tells soon of a server that has never answered', async () => {
    const at = await scripted([])
    const { code, stdout } = await perdure(['result', 'w', ...at.args])
    assert.deepEqual([code, JSON.parse(stdout).error.code], [1, 'ServerUnreachable'])
    assert.equal(at.urls.length, 3)
    at.stop()
  })
})
