/**
 * Runs the real command line from source in a directory of its own: here, which costs a tenth of a process, or as a
 * child process where a test is about the process (signals, kills, stray errors, standard streams).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { paletteFor } from '../../cli/terminal/palette.ts'
import type { Terminal } from '../../cli/terminal/terminal.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const main = join(root, 'cli', 'main.ts')
const tsx = join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')

export interface CommandOptions {
  readonly directory?: string
  readonly environment?: { readonly [name: string]: string }
  readonly stdin?: string
}

export interface CommandResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** No setting of the machine that runs the tests may reach the command. */
function cleanEnvironment(own: { readonly [name: string]: string } = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('PERDURE_') && !['NO_COLOR', 'FORCE_COLOR'].includes(name),
  )
  return { ...Object.fromEntries(kept), ...own }
}

/** In this process. */
export async function perdure(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Omit<CommandResult, 'signal'>> {
  let stdout = ''
  let stderr = ''
  const colours = paletteFor({}, {})
  const terminal: Terminal = {
    answer(text) {
      stdout += `${text}\n`
    },
    answerJson(value, indented = false) {
      stdout += `${JSON.stringify(value, null, indented ? 2 : undefined)}\n`
    },
    message(text) {
      stderr += `${text}\n`
    },
    transient: () => undefined,
    answerColours: colours,
    messageColours: colours,
    environment: cleanEnvironment(options.environment),
    directory: options.directory ?? root,
    readInput: async () => options.stdin ?? '',
  }
  // Not at the top: mocha requires what a test imports, commands import what they load late, and a class that is there
  // twice is no `instanceof` of itself.
  const { execute } = await import('../../cli/execute.ts')
  const code = await execute(args, { terminal, exitCode: 0 })
  return { code, stdout, stderr }
}

/** As a process of its own. */
export async function perdureProcess(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const running = startPerdure(args, options)
  running.child.stdin?.end(options.stdin ?? '')
  return running.ended
}

export interface RunningCommand {
  readonly child: ChildProcess
  readonly ended: Promise<CommandResult>
  /** Resolves with the match as soon as standard error or output, taken together, has it; fails when the command ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>
}

/** Commands of a test that failed half way must not outlive it. */
const started = new Set<ChildProcess>()

export function startPerdure(args: readonly string[], options: CommandOptions = {}): RunningCommand {
  const child = spawn(process.execPath, ['--conditions=perdure-source', '--import', tsx, main, ...args], {
    cwd: options.directory ?? root,
    env: cleanEnvironment(options.environment),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  started.add(child)
  child.once('exit', () => started.delete(child))
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const watcher of watchers) watcher()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    for (const watcher of watchers) watcher()
  })
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return {
    child,
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(stderr) ?? pattern.exec(stdout)
          if (match === null) return
          watchers.delete(look)
          resolve(match)
        }
        watchers.add(look)
        look()
        void ended.then((result) => {
          if (watchers.has(look))
            reject(new Error(`ended without ${pattern}:\n${result.stdout}\n${result.stderr}`))
        })
      }),
  }
}

/** A few at a time: most of what a command takes is waiting for modules to load. */
export async function forEachCase<T>(cases: readonly T[], check: (one: T) => Promise<void>): Promise<void> {
  const left = [...cases]
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await check(one)
  }
  await Promise.all([worker(), worker(), worker()])
}

/** A directory for the tests of one `describe`, with files in it; removed by `remove`. */
export class TemporaryDirectory {
  readonly path = mkdtempSync(join(tmpdir(), 'perdure-cli-'))

  write(files: { readonly [name: string]: string }): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, name)), { recursive: true })
      writeFileSync(join(this.path, name), text)
    }
  }

  /** Another empty directory below this one. */
  sub(files: { readonly [name: string]: string } = {}): string {
    const path = mkdtempSync(join(this.path, 'sub-'))
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(path, name)), { recursive: true })
      writeFileSync(join(path, name), text)
    }
    return path
  }

  /** Also ends commands that a failed test left behind. */
  remove(): void {
    for (const child of started) child.kill('SIGKILL')
    rmSync(this.path, { recursive: true, force: true })
  }
}
