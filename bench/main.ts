/**
 * `npm run bench [-- --scale 0.2 --only dbos,postgres,pglite,bare]`: the shapes of `shapes.ts` on PostgreSQL and PGlite,
 * the same workflows on DBOS beside them on the same PostgreSQL, and a bare loop that writes the engine's bytes.
 * One JSON line a figure, then the ratios. PERDURE_BENCH_DATABASE_URL names a server; else one is started for the run.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { startTestPostgres } from '../test/postgres.ts'
import { databaseCpuMicros } from './database-cpu.ts'

const here = dirname(fileURLToPath(import.meta.url))
const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    only: { type: 'string' },
    'node-flags': { type: 'string', default: '--max-semi-space-size=48' },
  },
})
const only = values.only?.split(',') ?? ['dbos', 'postgres', 'pglite', 'bare']

/**
 * For every engine alike, as docs/adr/0008 advises for servers: with the default of 16 MiB the objects of 500 runs in
 * flight outlive a young generation, and copying them is a quarter of the processor time. `--node-flags ''` measures without.
 */
const nodeFlags = values['node-flags'].split(' ').filter((flag) => flag !== '')

interface Line {
  readonly engine: string
  readonly shape: string
  readonly steps: number
  readonly workflows: number
  readonly workflowsPerSecond: number
  readonly stepsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

async function database(server: string, name: string): Promise<string> {
  const client = new pg.Client(server)
  await client.connect()
  await client.query(`drop database if exists ${name}`)
  await client.query(`create database ${name}`)
  await client.end()
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

async function postmasterOf(server: string): Promise<number> {
  const client = new pg.Client(server)
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const stat = readFileSync(`/proc/${rows[0]?.pid}/stat`, 'utf8')
  await client.end()
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

/** Runs one engine as a process of its own and completes its lines with what the database used meanwhile. */
async function runEngine(
  script: string,
  args: readonly string[],
  postmaster: number | null,
): Promise<Line[]> {
  const child = spawn(process.execPath, [...nodeFlags, '--import', 'tsx', join(here, script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: Line[] = []
  let databaseBefore = 0
  for await (const text of createInterface({ input: child.stdout })) {
    if (!text.startsWith('{')) continue
    const line = JSON.parse(text)
    if (line.begins !== undefined) {
      if (postmaster !== null) databaseBefore = databaseCpuMicros(postmaster)
      process.stderr.write(`  ${script.replace(/^run-|\.ts$/g, '')}: ${line.begins} …\n`)
      continue
    }
    const steps = line.workflows * line.steps
    const databaseCpu =
      postmaster === null
        ? {}
        : { databaseCpuMicrosPerStep: Math.round((databaseCpuMicros(postmaster) - databaseBefore) / steps) }
    const full = {
      ...line,
      stepsPerSecond: Math.round(line.workflowsPerSecond * line.steps),
      cpuMicrosPerStep: Math.round((line.cpuMicrosPerWorkflow * line.workflows) / steps),
      ...databaseCpu,
    }
    console.log(JSON.stringify(full))
    lines.push(full)
  }
  const code = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once('exit', resolve)))
  if (code !== 0) throw new Error(`${script} ended with exit code ${code}`)
  if (lines.length === 0) throw new Error(`${script} printed no figure`)
  return lines
}

function ratios(ours: readonly Line[], theirs: readonly Line[]): void {
  for (const line of ours) {
    const peer = theirs.find((other) => other.shape === line.shape)
    if (peer === undefined) continue
    console.log(
      JSON.stringify({
        ratio: `${line.engine} / ${peer.engine}`,
        shape: line.shape,
        throughput: Number((line.workflowsPerSecond / peer.workflowsPerSecond).toFixed(2)),
        p50: Number((line.p50Ms / peer.p50Ms).toFixed(2)),
        p99: Number((line.p99Ms / peer.p99Ms).toFixed(2)),
      }),
    )
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'perdure-bench-'))
const given = process.env['PERDURE_BENCH_DATABASE_URL']
const postgres = given === undefined ? await startTestPostgres() : { url: given, stop: async () => {} }
try {
  const postmaster = await postmasterOf(postgres.url)
  const dbos = only.includes('dbos')
    ? await runEngine('run-dbos.ts', [await database(postgres.url, 'bench_dbos'), values.scale], postmaster)
    : []
  const ours = only.includes('postgres')
    ? await runEngine(
        'run-perdure.ts',
        [await database(postgres.url, 'bench_perdure'), values.scale],
        postmaster,
      )
    : []
  if (only.includes('bare'))
    await runEngine('run-bare.ts', [await database(postgres.url, 'bench_bare'), values.scale], postmaster)
  if (only.includes('pglite'))
    await runEngine('run-perdure.ts', [`pglite:${join(scratch, 'pglite')}`, values.scale], null)
  ratios(ours, dbos)
} finally {
  await postgres.stop()
  rmSync(scratch, { recursive: true, force: true })
}
