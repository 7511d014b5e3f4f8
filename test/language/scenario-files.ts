/** The scenario files of this folder, by name. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'scenarios')
const ending = '.test.yaml'

export const languageScenarios = readdirSync(folder)
  .filter((name) => name.endsWith(ending))
  .map((name) => ({ name: name.slice(0, -ending.length), path: join(folder, name) }))
