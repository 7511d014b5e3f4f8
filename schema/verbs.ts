/** The verbs of the language and which of them this release runs. Owns the lists alone. */

export const verbs = [
  'activity',
  'workflow',
  'do',
  'switch',
  'parallel',
  'forEach',
  'while',
  'until',
  'try',
  'wait',
  'set',
  'signal',
  'task',
  'emit',
  'fail',
  'return',
  'continueAsNew',
] as const

export type WrittenVerb = (typeof verbs)[number]

export function isSupported(verb: WrittenVerb): boolean {
  return verb !== 'task'
}

/** `do` is the body where a loop's verb stands beside it. */
const loopVerbs: readonly WrittenVerb[] = ['forEach', 'while', 'until']

/** The verbs that a step's keys name: one where the step is right. */
export function verbsOf(has: (key: string) => boolean): readonly WrittenVerb[] {
  const found = verbs.filter(has)
  return found.some((verb) => loopVerbs.includes(verb)) ? found.filter((verb) => verb !== 'do') : found
}
