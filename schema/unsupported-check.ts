/** What the language has and this release cannot run yet, by name and position. Owns the list; each release shortens it. */
import { takesPayload } from './compile.ts'
import { at, type Cursor, entriesOf, jsonOf, pointer, textOf } from './cursor.ts'
import type { Reporter } from './reporter.ts'
import { isSupported, type WrittenVerb } from './verbs.ts'

export function reportUnsupportedStep(verb: WrittenVerb, step: Cursor, reporter: Reporter): void {
  const report = (what: string, cursor: Cursor | undefined) => reportUnsupported(reporter, what, cursor)
  if (!isSupported(verb)) report(`the verb \`${verb}\``, at(step, verb))
  if (verb === 'parallel' && textOf(at(step, 'join')) !== 'all')
    report('a `join` other than `all`', at(step, 'join'))
  if (verb === 'forEach') report('`tolerate`', at(step, 'tolerate'))
  if (verb === 'do') {
    report('`retry` of a group', at(step, 'retry'))
    if (jsonOf(at(step, 'saga')) !== false) report('`saga` of a group', at(step, 'saga'))
  }
  if (verb === 'activity') {
    report('`on` of `retry`', at(at(step, 'retry'), 'on'))
    // Read and never heeded would be worse: no queue orders by it yet.
    report('`priority`', at(step, 'priority'))
    const moment = at(step, 'compensateWhen')
    if (textOf(moment) === 'attempted') report('`compensateWhen: attempted`', moment)
  }
}

export function reportUnsupportedDocument(root: Cursor, reporter: Reporter): void {
  const report = (what: string, cursor: Cursor | undefined) => reportUnsupported(reporter, what, cursor)
  report('`on` of `retry`', at(at(at(at(root, 'defaults'), 'activity'), 'retry'), 'on'))
  for (const [, signal] of entriesOf(at(root, 'signals')))
    report('`concurrency` of a signal', at(signal, 'concurrency'))
  for (const [, query] of entriesOf(at(root, 'queries')))
    if (takesPayload(query)) report('the payload of a query (`schema` and `return`)', at(query, 'schema'))
  report('`updates`', at(root, 'updates'))
  report('the state-machine form (`states`)', at(root, 'states'))
  const saga = at(root, 'saga')
  if (textOf(at(saga, 'order')) === 'parallel') report('`saga: { order: parallel }`', at(saga, 'order'))
  if (textOf(at(saga, 'onFailure')) === 'pause') report('`saga: { onFailure: pause }`', at(saga, 'onFailure'))
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
