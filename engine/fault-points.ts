/**
 * Named points of a turn at which crash tests kill this process. `PERDURE_FAULT_POINT=beforeCommit:3` kills it with
 * SIGKILL when the point is reached for the third time. Without the variable a point costs one comparison.
 */
export const faultPointNames = [
  'beforeCommit',
  'afterCommitBeforeDispatch',
  'duringActivity',
  'beforeResultCommit',
  'afterSendsBeforeCommit',
  'afterPostBeforeDelivered',
] as const

export type FaultPoint = (typeof faultPointNames)[number]

const armed = read(process.env['PERDURE_FAULT_POINT'])
let remaining = armed?.count ?? 0

function read(setting: string | undefined): { point: FaultPoint; count: number } | null {
  if (setting === undefined || setting === '') return null
  const [name, count = '1'] = setting.split(':')
  const point = faultPointNames.find((known) => known === name)
  const times = Number(count)
  if (point === undefined || !Number.isInteger(times) || times < 1) {
    throw new Error(
      `PERDURE_FAULT_POINT=${setting} is not known: use one of ${faultPointNames.join(', ')}, with :count from 1`,
    )
  }
  return { point, count: times }
}

export function faultPoint(point: FaultPoint): void {
  if (armed === null || armed.point !== point) return
  remaining -= 1
  if (remaining === 0) process.kill(process.pid, 'SIGKILL')
}

/** For a point that lies a moment after the call: whether it is worth a timer. */
export function isFaultPointArmed(point: FaultPoint): boolean {
  return armed !== null && armed.point === point
}
