/**
 * The door of `schema/`: the text of a document to its problems, its definition and its plan. Owns the order of the
 * stages: text, shape, draft, names and flow, plan. Pure; called by the engine (deploy), the CLI and the server (validate).
 */
import { checkActivities } from './checks/activity.ts'
import { checkCatches } from './checks/catch.ts'
import { checkOtherRuns } from './checks/child.ts'
import { checkCompensations } from './checks/compensation.ts'
import { checkDocument } from './checks/document.ts'
import { knownTypes } from './checks/known-types.ts'
import { checkNames } from './checks/names.ts'
import { checkNeverTaken } from './checks/never-taken.ts'
import { checkRetries } from './checks/retry.ts'
import { checkStates } from './checks/states.ts'
import { checkUses } from './checks/use.ts'
import { checkValues } from './checks/values.ts'
import { compileDocument, type DraftDocument, finishPlan } from './compile/compile.ts'
import { Draft } from './compile/draft.ts'
import type { Json } from './json.ts'
import type { KnownActivities } from './known-activities.ts'
import type { KnownWorkflows } from './known-workflows.ts'
import { documentLimits, type Limits } from './limits.ts'
import type { Plan } from './plan.ts'
import type { Problem } from './problems/problem.ts'
import { Reporter } from './problems/reporter.ts'
import { checkShape } from './shape/shape-check.ts'
import type { Cursor } from './source/cursor.ts'
import { plainValue } from './source/node.ts'
import { parseSource } from './source/source.ts'
import { TextPosition } from './source/text-position.ts'

export interface LoadOptions {
  /** As problems name it; `.json` makes the format `json`. */
  readonly file?: string
  readonly format?: 'yaml' | 'json'
  readonly limits?: Partial<Limits>
  /** By name. Absent: nothing is known of activities. */
  readonly activities?: KnownActivities
  /**
   * The text was checked when it was deployed: only what a plan cannot be made without is an error. A check that a later
   * release adds must not stop runs under way.
   */
  readonly stored?: true
  /** By name, with every known version. Absent: nothing is known of other workflows. */
  readonly workflows?: KnownWorkflows
}

export interface LoadedDocument {
  readonly problems: readonly Problem[]
  /** Present where the text could be read, problems or not. */
  readonly definition?: Json
  /** Present exactly when no problem has severity `error`. */
  readonly plan?: Plan
}

/** What stands in the text, unchecked; undefined where it cannot be read at all. */
export function readDefinition(text: string, options: LoadOptions = {}): Json | undefined {
  const reporter = new Reporter(new TextPosition(text), options.file, 1)
  const node = parseSource(text, sourceOptions(options), reporter)
  return node === null ? undefined : plainValue(node)
}

function sourceOptions(options: LoadOptions): Parameters<typeof parseSource>[1] {
  const format = options.format ?? (options.file?.endsWith('.json') ? 'json' : 'yaml')
  return { format, limits: { ...documentLimits, ...options.limits } }
}

export function loadDocument(text: string, options: LoadOptions = {}): LoadedDocument {
  const source = sourceOptions(options)
  const { limits } = source
  const positions = new TextPosition(text)
  const reporter = new Reporter(positions, options.file, limits.documentProblems)
  const node = parseSource(text, source, reporter)
  if (node === null) return { problems: reporter.problems() }
  const definition = plainValue(node)
  const root: Cursor = { node, path: [] }
  if (!checkShape(root, reporter, limits.documentSteps)) return { problems: reporter.problems(), definition }
  const draft = new Draft(text, positions, reporter)
  draft.isBroken = reporter.hasErrors
  const document = compileDocument(draft, root)
  if (options.stored !== true) check(draft, root, document, options)
  if (reporter.hasErrors) return { problems: reporter.problems(), definition }
  return { problems: reporter.problems(), definition, plan: finishPlan(draft, root, document, definition) }
}

/** What can be known before a run. Each owns its findings; none changes the draft. */
function check(draft: Draft, root: Cursor, document: DraftDocument, options: LoadOptions): void {
  checkNames(root, draft.reporter)
  checkDocument(draft, root, document, options)
  checkStates(draft, document)
  checkNeverTaken(draft)
  checkCatches(draft)
  checkRetries(draft, root)
  checkCompensations(draft)
  checkUses(draft, root, document)
  checkValues(draft, root)
  const types = knownTypes(draft, root, document, options)
  checkOtherRuns(draft, root, options.workflows, types)
  if (options.activities !== undefined) checkActivities(draft, options.activities, types)
}

/** A `dsl` key further down than this is not looked for. */
const keySearchCharacters = 30_000

/** Whether a file of a folder of definitions is one: it has a `dsl` key at its root, YAML or JSON. A cheap look, no parsing. */
export function isDocument(text: string): boolean {
  const beginning = text.slice(0, keySearchCharacters)
  if (/^["']?dsl["']?[ \t]*:/m.test(beginning)) return true
  return /^\ufeff?\s*\{/.test(beginning) && /[{,]\s*["']?dsl["']?\s*:/.test(beginning)
}
