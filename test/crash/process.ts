/** Starts the subject, kills it, and reads what it printed. Every process started here ends here. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { HistoryEvent } from '../../index.ts'

const subject = join(dirname(fileURLToPath(import.meta.url)), 'subject.ts')

export interface Ending {
  readonly signal: string | null
  readonly code: number | null
  /** Null where it was killed first. */
  readonly report: { readonly result: unknown; readonly events: readonly HistoryEvent[] } | null
  readonly errors: string
}

export class Subject {
  readonly child: ChildProcess
  readonly running: Promise<void>
  readonly report: Promise<Ending['report']>
  #errors = ''

  constructor(
    store: string,
    workflowId: string,
    callsFile: string,
    environment: { readonly [name: string]: string } = {},
  ) {
    this.child = spawn(process.execPath, ['--import', 'tsx', subject, store, workflowId, callsFile], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stderr?.on('data', (chunk) => {
      this.#errors += chunk
    })
    if (this.child.stdout === null) throw new Error('no output to read')
    const lines = createInterface({ input: this.child.stdout })
    this.running = new Promise((resolve) => {
      lines.on('line', (line) => line === 'running' && resolve())
      lines.on('close', resolve)
    })
    this.report = new Promise((resolve) => {
      lines.on('line', (line) => line.startsWith('{') && resolve(JSON.parse(line)))
      lines.on('close', () => resolve(null))
    })
  }

  async end(): Promise<Ending> {
    const exited =
      this.child.exitCode !== null || this.child.signalCode !== null ? null : once(this.child, 'exit')
    const report = await this.report
    await exited
    return { signal: this.child.signalCode, code: this.child.exitCode, report, errors: this.#errors }
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name)
  }
}

export interface Call {
  readonly path: string
  readonly attempt: number
  readonly activityId: number
  readonly key: string
  readonly pid: number
}

export function readCalls(file: string): Call[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
