// @ts-expect-error: what this file is for.
import { missing } from './nowhere.ts'

export const a = { name: 'a', run: () => missing }
