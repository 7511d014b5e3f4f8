/** Scenario files below the paths that were named. A path that is not there, or has none below it, is an error. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const ending = /\.test\.(yaml|yml|json)$/
const skipped = new Set(['node_modules', '.git', 'dist'])

/** In the order of the paths, and of names below each; no file twice. */
export async function findScenarioFiles(paths: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const path of paths) {
    const info = await stat(path).catch(() => null)
    if (info === null) throw new Error(`${path} does not exist`)
    if (info.isFile()) {
      found.add(path)
      continue
    }
    const files = await below(path)
    if (files.length === 0) throw new Error(`${path} holds no scenario file (*.test.yaml)`)
    for (const file of files) found.add(file)
  }
  return [...found]
}

async function below(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const nested = await Promise.all(
    entries
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      .map(async (entry) => {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) return skipped.has(entry.name) ? [] : below(path)
        return entry.isFile() && ending.test(entry.name) ? [path] : []
      }),
  )
  return nested.flat()
}
