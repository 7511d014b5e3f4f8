/**
 * Undoing a stack, of the run or of a group: which compensation runs when, what happens to one that fails for good.
 * Owns `Undoing`; what is pushed and with which values is `compensation.ts`'s, what follows is told to `Owner`.
 * Entries run in reverse order of completion, or all at once, each as a fiber of its own with its own retries, which
 * nothing cancels (keeps I9).
 */
import type { PlanSaga } from '../../schema/plan.ts'
import { spawnFiber } from '../fibers/fibers.ts'
import { decide, type Turn, wake } from '../fibers/turn.ts'
import { joinPath } from '../paths.ts'
import type { CompensationEntry, Completion, Fiber, FiberRole, State, Undoing } from '../state.ts'

/** Whose stack it is. `fiber`: the one that stands at the group; null: the run's own. */
interface Owner {
  readonly undoing: Undoing
  readonly stack: CompensationEntry[]
  readonly fiber: Fiber | null
}

export function newUndoing({ order, onFailure }: PlanSaga): Undoing {
  return { order, onFailure, running: {}, notUndone: [], stuck: [] }
}

/** Starts what can start. `over`: nothing is left, and no fiber was begun. */
export function beginUndoing(turn: Turn, owner: Owner): 'over' | 'waits' {
  goOn(turn, owner)
  return isOver(owner) ? 'over' : 'waits'
}

/** Gives whether the run's own stack is undone now; that of a group wakes its fiber. */
export function compensationEnded(
  turn: Turn,
  fiber: Fiber,
  role: Extract<FiberRole, { kind: 'compensation' }>,
  completion: Completion,
): 'over' | 'waits' {
  const owner = ownerOf(turn.state, fiber)
  const entry = owner?.undoing.running[fiber.id]
  if (owner === null || entry === undefined) return 'waits'
  const { undoing } = owner
  delete undoing.running[fiber.id]
  if (completion.kind === 'throw') {
    const { error } = completion
    if (undoing.onFailure === 'pause') {
      undoing.stuck.push({ entry, error })
      askForPause(turn, role)
    } else {
      undoing.notUndone.push({ step: role.step, path: role.path, error })
    }
  }
  return advance(turn, owner)
}

/** What could not be undone is tried again; called when an operator resumes the run. */
export function retryStuck(turn: Turn): void {
  for (const owner of owners(turn.state)) {
    const stuck = owner.undoing.stuck.splice(0)
    for (const { entry } of stuck) start(turn, owner, entry)
  }
}

/** What waits for its operator now, by `CompensationEntry.order`. */
export function stuckNow(state: State): ReadonlySet<number> {
  return new Set(owners(state).flatMap(({ undoing }) => undoing.stuck.map(({ entry }) => entry.order)))
}

/**
 * What could not be undone is left so, of what the operator saw; the run is to be paused again at what else has got
 * stuck. Gives whether the run's own stack is undone now.
 */
export function skipStuck(turn: Turn, seen: ReadonlySet<number>): 'over' | 'waits' {
  let run: 'over' | 'waits' = 'waits'
  for (const owner of owners(turn.state)) {
    const { stuck } = owner.undoing
    const skipped = stuck.filter(({ entry }) => seen.has(entry.order))
    owner.undoing.stuck = stuck.filter(({ entry }) => !seen.has(entry.order))
    const [unseen] = owner.undoing.stuck
    if (unseen !== undefined) askForPause(turn, unseen.entry)
    if (skipped.length === 0) continue
    for (const { entry, error } of skipped) {
      owner.undoing.notUndone.push({ step: entry.step, path: entry.path, error, skipped: true })
    }
    const state = advance(turn, owner)
    if (owner.fiber === null) run = state
  }
  return run
}

function advance(turn: Turn, owner: Owner): 'over' | 'waits' {
  goOn(turn, owner)
  if (!isOver(owner)) return 'waits'
  if (owner.fiber === null) return 'over'
  wake(turn, owner.fiber, { kind: 'normal' })
  return 'waits'
}

function goOn(turn: Turn, owner: Owner): void {
  const { undoing, stack } = owner
  const isFree = () => Object.keys(undoing.running).length === 0 && undoing.stuck.length === 0
  while (stack.length > 0 && (undoing.order === 'parallel' || isFree())) {
    const entry = stack.pop()
    if (entry !== undefined) start(turn, owner, entry)
  }
}

function isOver({ undoing, stack }: Owner): boolean {
  return stack.length === 0 && undoing.stuck.length === 0 && Object.keys(undoing.running).length === 0
}

function start(turn: Turn, owner: Owner, entry: CompensationEntry): void {
  decide(turn, { type: 'CompensationScheduled', step: entry.step, path: entry.path })
  const fiber = spawnFiber(turn, {
    role: { kind: 'compensation', step: entry.step, path: entry.path },
    parent: owner.fiber,
    path: joinPath(entry.path, 'compensate'),
    block: entry.block,
    scope: {
      results: { ...entry.captured.steps },
      locals: { ...entry.captured.roots, vars: entry.captured.vars },
    },
  })
  owner.undoing.running[fiber.id] = entry
}

function askForPause(turn: Turn, { step, path }: { readonly step: string; readonly path: string }): void {
  turn.state.pauseWanted = { step, path, reason: `the compensation of \`${path}\` failed for good` }
}

function ownerOf(state: State, compensation: Fiber): Owner | null {
  if (compensation.parent === null) return runOwner(state)
  const fiber = state.fibers[compensation.parent]
  return fiber === undefined ? null : groupOwner(fiber)
}

function runOwner(state: State): Owner | null {
  if (state.phase.kind !== 'compensating') return null
  return { undoing: state.phase.undoing, stack: state.compensations, fiber: null }
}

function groupOwner(fiber: Fiber): Owner | null {
  const frame = fiber.frames[fiber.frames.length - 1]
  if (frame?.kind !== 'step' || frame.verb !== 'do') return null
  if (frame.undoing === undefined || frame.stack === undefined) return null
  return { undoing: frame.undoing, stack: frame.stack, fiber }
}

function owners(state: State): Owner[] {
  return [runOwner(state), ...Object.values(state.fibers).map(groupOwner)].filter((owner) => owner !== null)
}
