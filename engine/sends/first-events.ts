/**
 * The first event of a run, whoever begins it: a caller, a parent, the run before it in its chain. Owns what is
 * recorded there of this process (the activities' own settings, the limits that were changed), so that the reducer
 * needs neither registry nor settings, on whichever node it folds the run.
 */
import type { ActivityExecutor } from '../../activities/contract.ts'
import type { WorkflowExecutionStarted } from '../../interpreter/events.ts'
import { ownSettingsKey } from '../../interpreter/pending/activity-settings.ts'
import type { Program } from '../../interpreter/program.ts'
import { type Limits, type RunLimits, runLimits } from '../../schema/limits.ts'
import type { ActivitySettings } from '../../schema/plan.ts'

type Said = 'workflowId' | 'runId' | 'timestamp' | 'input' | 'attempt' | 'parent'
type MaySay =
  | 'taskQueue'
  | 'timeoutMs'
  | 'startDelayMs'
  | 'memo'
  | 'searchAttributes'
  | 'childId'
  | 'firstRunId'
  | 'continuedFrom'
  | 'deadlineAt'
  | 'refused'

export type RunBeginning = Pick<WorkflowExecutionStarted, Said> &
  Partial<Pick<WorkflowExecutionStarted, MaySay>>

export class FirstEvents {
  readonly #executor: Pick<ActivityExecutor, 'find'>
  readonly #limits: Partial<RunLimits>
  /** Limit of one value (`schema/limits.ts`). */
  readonly payloadBytes: number

  constructor(executor: Pick<ActivityExecutor, 'find'>, limits: Limits) {
    this.#executor = executor
    this.#limits = changedLimits(limits)
    this.payloadBytes = limits.payloadBytes
  }

  of(program: Program, beginning: RunBeginning): WorkflowExecutionStarted {
    const { workflowId, runId, timestamp, ...rest } = beginning
    const { name, version, digest } = program.plan
    return {
      type: 'WorkflowExecutionStarted',
      timestamp,
      workflowId,
      runId,
      workflow: name,
      version,
      digest,
      ...rest,
      activities: this.#ownSettings(program),
      limits: this.#limits,
      flags: [],
    }
  }

  /** By name and range, because two ranges of one name may be two versions with settings of their own. */
  #ownSettings(program: Program): { readonly [key: string]: ActivitySettings } {
    const settings: { [key: string]: ActivitySettings } = {}
    for (const { key, name, range } of activitiesOf(program)) {
      const found = this.#executor.find(name, range)
      if (found !== null && Object.keys(found.settings).length > 0) settings[key] = found.settings
    }
    return settings
  }
}

interface NamedActivity {
  readonly key: string
  readonly name: string
  readonly range: string | undefined
}

const activitiesNamed = new WeakMap<Program, readonly NamedActivity[]>()

function activitiesOf(program: Program): readonly NamedActivity[] {
  const known = activitiesNamed.get(program)
  if (known !== undefined) return known
  const named = new Map<string, NamedActivity>()
  for (const step of Object.values(program.plan.steps)) {
    if (step.verb !== 'activity') continue
    const key = ownSettingsKey(step.activity, step.versionRange)
    named.set(key, { key, name: step.activity, range: step.versionRange })
  }
  const found = [...named.values()]
  activitiesNamed.set(program, found)
  return found
}

/** Those that a run must remember, because another node or a later release may have others. */
function changedLimits(limits: Limits): Partial<RunLimits> {
  const keys = Object.keys(runLimits) as (keyof RunLimits)[]
  return Object.fromEntries(
    keys.filter((key) => limits[key] !== runLimits[key]).map((key) => [key, limits[key]]),
  )
}
