/** What the language has and this release cannot run yet, by name and position. Owns the list; each release shortens it. */

import type { Reporter } from '../problems/reporter.ts'
import { at, type Cursor, pointer } from '../source/cursor.ts'
import { isSupported, type WrittenVerb } from '../verbs.ts'

export function reportUnsupportedStep(verb: WrittenVerb, step: Cursor, reporter: Reporter): void {
  if (!isSupported(verb)) reportUnsupported(reporter, `the verb \`${verb}\``, at(step, verb))
}

function reportUnsupported(reporter: Reporter, what: string, cursor: Cursor | undefined): void {
  if (cursor === undefined) return
  const range = cursor.key ?? cursor.node.range
  reporter.report({
    code: 'not-supported',
    message: `${what} is not supported yet`,
    path: pointer(cursor),
    range,
  })
}
