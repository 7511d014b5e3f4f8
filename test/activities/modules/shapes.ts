import { defineActivity } from '../../../activities/define.ts'

export const named = defineActivity({ name: 'shapes.named', run: () => 'named' })
const nested = {
  a: { name: 'shapes.nested', run: () => 'nested' },
  b: { c: { name: 'shapes.deep', run: () => 1 } },
}
export const group = nested
export const config = { name: 'not an activity' }
export function helper() {}
export default [named, { name: 'shapes.listed', version: '1.2.0', run: () => 'listed' }]
