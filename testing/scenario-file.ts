/**
 * Reads and checks a scenario file (`*.test.yaml`, docs/testing.md). Owns the file's top level and the
 * scenario's; its parts are read by `scenario-script.ts`, `scenario-at.ts` and `scenario-expect.ts`.
 * `scenario.schema.json` says the same for editors, and a test holds both to the same answers.
 */
import { dirname, resolve } from 'node:path'
import type { Json, Problem } from '../engine/index.ts'
import type { DocumentPath, Scenario, ScenarioFile } from './scenario.ts'
import { readAt } from './scenario-at.ts'
import { readExpectation } from './scenario-expect.ts'
import { ScenarioReader } from './scenario-reader.ts'
import { readScript } from './scenario-script.ts'
import { readSource } from './scenario-source.ts'

export type ScenarioFileResult =
  | { readonly kind: 'valid'; readonly scenarios: ScenarioFile }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

const fileKeys = ['workflow', 'also', 'scenarios', 'description']
const scenarioKeys = ['name', 'description', 'input', 'activities', 'at', 'expect']

/** `file` is the path of the text: documents are named relative to it. */
export function parseScenarioFile(text: string, file: string): ScenarioFileResult {
  const { source, problems } = readSource(text, file)
  if (source === null) return { kind: 'invalid', problems }
  const reader = new ScenarioReader(source)
  const map = reader.map(source.value, [], 'a scenario file', fileKeys)
  const relative = (name: string) => resolve(dirname(file), name)
  const read = {
    workflow: '',
    also: [] as readonly string[],
    scenarios: [] as readonly Scenario[],
  }
  if (map !== null) {
    if (map['workflow'] === undefined)
      reader.wrong([], 'the file names no workflow', 'add "workflow: ./document.yaml", relative to this file')
    else read.workflow = relative(reader.text(map['workflow'], ['workflow'], '"workflow"') ?? '')
    if (map['also'] !== undefined)
      read.also = (reader.texts(map['also'], ['also'], '"also"') ?? []).map(relative)
    read.scenarios = readScenarios(reader, map['scenarios'])
  }
  if (reader.problems.length > 0) return { kind: 'invalid', problems: reader.problems }
  return { kind: 'valid', scenarios: { file, ...read, locate: (path) => source.locate(path) } }
}

function readScenarios(reader: ScenarioReader, value: Json | undefined): readonly Scenario[] {
  if (value === undefined) {
    reader.wrong([], 'the file has no scenarios', 'add "scenarios:" with at least one')
    return []
  }
  const list = reader.list(value, ['scenarios'], '"scenarios"') ?? []
  if (Array.isArray(value) && list.length === 0)
    reader.wrong(['scenarios'], 'the file has no scenarios', 'add at least one, or remove the file')
  const scenarios = list
    .map((item, index) => readScenario(reader, item, ['scenarios', index]))
    .filter((scenario) => scenario !== null)
  const seen = new Set<string>()
  for (const scenario of scenarios) {
    if (seen.has(scenario.name))
      reader.wrong([...scenario.path, 'name'], `two scenarios are named "${scenario.name}"`, 'rename one')
    seen.add(scenario.name)
  }
  return scenarios
}

function readScenario(reader: ScenarioReader, value: Json, path: DocumentPath): Scenario | null {
  const map = reader.map(value, path, 'a scenario', scenarioKeys)
  if (map === null) return null
  if (map['name'] === undefined) reader.wrong(path, 'the scenario has no name', 'add "name: what it shows"')
  const name = map['name'] === undefined ? '' : (reader.text(map['name'], [...path, 'name'], '"name"') ?? '')
  const at = readAt(reader, map['at'], [...path, 'at'])
  const expect = readExpectation(reader, map['expect'], [...path, 'expect'], map['at'] !== undefined)
  return {
    name,
    path,
    ...(map['input'] === undefined ? {} : { input: map['input'] }),
    script: readScript(reader, map['activities'], [...path, 'activities']),
    at: at.entries,
    expect,
    notSupported: at.notSupported,
  }
}
