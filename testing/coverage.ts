/**
 * Which steps and branches of the documents scenarios reached. Owns what counts as a branch: every list of steps but
 * the main one, and the side of an `if` on which nothing runs. What was reached is told by `visits.ts`.
 */

import type { Plan, PlanStep } from '../engine/index.ts'
import type { BlockKey } from '../engine/test-kit.ts'
import type { ScenarioDocument } from './documents.ts'
import type { FilePlace } from './result.ts'
import type { Visits } from './visits.ts'

export interface Unreached {
  readonly kind: 'step' | 'branch'
  /** For people, such as `step "ship"` or `catch 1 of "pay"`. */
  readonly what: string
  readonly place: FilePlace
}

export interface DocumentCoverage {
  readonly file: string
  readonly name: string
  readonly version: string
  readonly steps: number
  readonly stepsReached: number
  readonly branches: number
  readonly branchesReached: number
  /** In the order of the document. */
  readonly unreached: readonly Unreached[]
}

export function coverageOf(document: ScenarioDocument, visits: Visits): DocumentCoverage {
  const { plan, file } = document
  // A state machine is one step to the interpreter; what an author wrote are its states.
  const steps = Object.values(plan.steps).filter((step) => step.verb !== 'states')
  const reachedSteps = steps.filter((step) => isReached(step, visits))
  const branches = branchesOf(plan)
  const reachedBranches = branches.filter((branch) => branch.isReached(visits))
  const unreached: Unreached[] = [
    // A branch before the first of its steps, which stands at the same place.
    ...branches
      .filter((branch) => !reachedBranches.includes(branch))
      .map((branch) => ({ kind: 'branch' as const, what: branch.what, place: { file, ...branch.place } })),
    ...steps
      .filter((step) => !reachedSteps.includes(step))
      .map((step) => ({ kind: 'step' as const, what: nameOf(step), place: { file, ...step.place } })),
  ]
  return {
    file,
    name: plan.name,
    version: plan.version,
    steps: steps.length,
    stepsReached: reachedSteps.length,
    branches: branches.length,
    branchesReached: reachedBranches.length,
    unreached: unreached.toSorted(
      (one, other) => one.place.line - other.place.line || one.place.column - other.place.column,
    ),
  }
}

/** Per cent of the steps of all documents, rounded down; a document without steps is covered. */
export function stepPercentage(coverage: readonly DocumentCoverage[]): number {
  const steps = coverage.reduce((sum, document) => sum + document.steps, 0)
  const reached = coverage.reduce((sum, document) => sum + document.stepsReached, 0)
  return steps === 0 ? 100 : Math.floor((reached / steps) * 100)
}

function isReached(step: PlanStep, visits: Visits): boolean {
  if (!visits.steps.has(step.id)) return false
  // A group whose `else` ran was reached; any other step whose `if` never held was not.
  return (
    step.if === undefined || visits.held.has(step.id) || (step.verb === 'do' && step.otherwise !== undefined)
  )
}

interface Branch {
  readonly what: string
  readonly place: { readonly line: number; readonly column: number }
  isReached(visits: Visits): boolean
}

/** Blocks that belong to no step. */
const placesOfPlan = new Set(['signals', 'updates', 'states'])

/** What entering a state runs: it is reached when the state is. */
function isOfState(block: BlockKey): boolean {
  const [kind, ...rest] = block.split('/')
  return kind === 'states' && rest.length === 1
}

function branchesOf(plan: Plan): readonly Branch[] {
  const placeOfBlock = (block: BlockKey, owner: PlanStep | undefined) => {
    const first = plan.blocks[block]?.[0]
    return (
      (first === undefined ? undefined : plan.steps[first]?.place) ?? owner?.place ?? { line: 1, column: 1 }
    )
  }
  const blocks = Object.keys(plan.blocks)
    .filter((block) => block !== 'main' && !isOfState(block) && (plan.blocks[block]?.length ?? 0) > 0)
    .map((block) => {
      const [id = '', ...rest] = block.split('/')
      const owner = placesOfPlan.has(id) || !Object.hasOwn(plan.steps, id) ? undefined : plan.steps[id]
      return {
        what: describeBlock(id, rest, owner),
        place: placeOfBlock(block, owner),
        isReached: (visits: Visits) => visits.blocks.has(block),
      }
    })
  const states = Object.values(plan.steps).flatMap((step) =>
    step.verb === 'states'
      ? Object.entries(step.states).map(([name, { place }]) => ({
          what: `state "${name}"`,
          place,
          isReached: (visits: Visits) => visits.states.has(name),
        }))
      : [],
  )
  const skips = Object.values(plan.steps)
    .filter((step) => step.if !== undefined && !(step.verb === 'do' && step.otherwise !== undefined))
    .map((step) => ({
      what: `${nameOf(step)} skipped by its "if"`,
      place: step.place,
      isReached: (visits: Visits) => visits.skipped.has(step.id),
    }))
  return [...states, ...blocks, ...skips]
}

function describeBlock(id: string, rest: readonly string[], owner: PlanStep | undefined): string {
  if (id === 'states') return `steps on the way out of state "${rest[0] ?? ''}"`
  if (owner === undefined) return `steps of ${id.replace(/s$/, '')} "${rest.join('/')}"`
  const name = owner.named ? `"${owner.id}"` : `the ${owner.verb} of line ${owner.place.line}`
  const [part = '', detail = ''] = rest
  const count = Number(detail) + 1
  switch (part) {
    case 'case':
      return `case ${count} of ${name}`
    case 'catch':
      return `catch ${count} of ${name}`
    case 'branch':
      return `branch "${detail}" of ${name}`
    case 'compensate':
      return `compensation of ${name}`
    case 'do':
      return `body of ${name}`
    default:
      return `"${part}" of ${name}`
  }
}

function nameOf(step: PlanStep): string {
  return step.named ? `step "${step.id}"` : `step "${step.id}" (${step.verb}, without an id)`
}
