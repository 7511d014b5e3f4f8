/**
 * Records the histories of this release: plays the scenarios of `sources/` and writes one file for each of their runs
 * to `<release>/`. A file that is there already stays as it is: what a release has written must replay for ever.
 * `node --import tsx --conditions=perdure-source test/histories/record.ts`, once before a release.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { interpreter, openStorage, type Storage, type StoredEvent } from '../../engine/index.ts'
import { readDocument, type ScenarioDocument } from '../../testing/documents.ts'
import { play } from '../../testing/play.ts'
import { parseScenarioFile } from '../../testing/scenario-file.ts'
import { digestOf, type RecordedHistory } from './recorded.ts'

const folder = import.meta.dirname
const { version: release }: { version: string } = JSON.parse(
  readFileSync(join(folder, '../../package.json'), 'utf8'),
)
const target = join(folder, release)
const namespace = 'default'

async function documentsOf(names: readonly string[]): Promise<readonly ScenarioDocument[]> {
  return Promise.all(
    names.map(async (name) => {
      const read = await readDocument(name)
      if (read.kind !== 'valid') throw new Error(`${name} cannot be used`)
      return read.document
    }),
  )
}

/** All turns of all runs in the store, oldest run first. */
async function historiesIn(storage: Storage) {
  const runs = (await storage.visibility.list({ namespace, allRuns: true }, 1_000, null)).toReversed()
  return Promise.all(
    runs.map(async ({ runId, workflow, version }) => {
      const rows = await storage.visibility.history(runId, 0, 1_000_000)
      const turns: readonly (readonly StoredEvent[])[] = rows.map(({ events }) => JSON.parse(events))
      return { workflow, version, turns }
    }),
  )
}

async function recordedOf(
  document: ScenarioDocument,
  turns: RecordedHistory['turns'],
): Promise<RecordedHistory> {
  const program = interpreter.link(document.plan)
  let state = null
  for (const turn of turns) state = await interpreter.foldTurn(program, state, turn)
  if (state === null) throw new Error('a history without turns')
  const { source, format } = document
  return {
    form: 1,
    release,
    recordedAt: new Date().toISOString().slice(0, 10),
    document: { source, format },
    turns,
    stateDigest: digestOf(state),
  }
}

mkdirSync(target, { recursive: true })
let written = 0
for (const file of readdirSync(join(folder, 'sources')).filter((name) => name.endsWith('.test.yaml'))) {
  const path = join(folder, 'sources', file)
  const parsed = parseScenarioFile(readFileSync(path, 'utf8'), path)
  if (parsed.kind === 'invalid') throw new Error(`${file}: ${parsed.problems[0]?.message}`)
  const documents = await documentsOf([parsed.scenarios.workflow, ...parsed.scenarios.also])
  for (const [index, scenario] of parsed.scenarios.scenarios.entries()) {
    const storage = openStorage({ kind: 'memory' })
    await storage.open()
    await play(scenario, documents, null, {
      interpreter,
      // Small turns, so that some are cut.
      limits: { turnSteps: 20 },
      stores: {
        next: async () => ({ storage, namespace, shared: false, release: async () => {} }),
        close: async () => {},
      },
    })
    for (const [run, { workflow, turns }] of (await historiesIn(storage)).entries()) {
      const name = join(target, `${file.replace('.test.yaml', '')}-${index + 1}-${run + 1}.json`)
      const document = documents.find(({ plan }) => plan.name === workflow)
      if (document === undefined || existsSync(name)) continue
      writeFileSync(name, `${JSON.stringify(await recordedOf(document, turns), null, 1)}\n`, { flag: 'wx' })
      written += 1
    }
    await storage.close()
  }
}
console.log(`${written} histories written to ${target}`)
