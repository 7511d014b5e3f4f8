/** Reads what the activities of `family.ts` wrote down. */
import { readFileSync } from 'node:fs'

export interface FamilyCall {
  readonly workflowId: string
  readonly runId: string
  readonly activityId: number
  readonly attempt: number
  readonly path: string
  readonly key: string
}

export function readFamilyCalls(file: string): FamilyCall[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
