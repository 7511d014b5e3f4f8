/**
 * A data directory with an empty database in it. Making one takes PGlite seconds, copying it none, so it is made once
 * for all tests of the process, by the real command.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPerdure } from './command.ts'

let template: Promise<string> | undefined

async function makeTemplate(): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), 'perdure-cli-template-'))
  process.on('exit', () => rmSync(path, { recursive: true, force: true }))
  const server = startPerdure(['serve', '--port', '0', '--log-level', 'silent', '--data-dir', 'data'], {
    directory: path,
  })
  await server.until(/^perdure serves/m)
  server.child.kill('SIGTERM')
  await server.ended
  return join(path, 'data')
}

/** Copies the empty database to `<directory>/<name>`. */
export async function addDataDirectory(directory: string, name = '.perdure'): Promise<void> {
  template ??= makeTemplate()
  cpSync(await template, join(directory, name), { recursive: true })
}
