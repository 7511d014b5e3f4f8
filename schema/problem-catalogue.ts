/**
 * Every problem that a document can have: its stable code, how bad it is, what it means and what to do.
 * Owns the list alone; docs/errors.md is held equal to it by a test, and each code has a bad document under test/schema.
 */
import type { Severity } from './problem.ts'

export interface CatalogueEntry {
  readonly severity: Severity
  readonly summary: string
  /** What to do where the finding itself knows nothing better. */
  readonly suggestion?: string
}

export const problemCatalogue = {
  // The text
  'document-too-large': {
    severity: 'error',
    summary: 'The text exceeds the limit documentBytes.',
    suggestion: 'split the workflow, or raise limits.documentBytes',
  },
  'document-too-deep': {
    severity: 'error',
    summary: 'Maps and lists are nested deeper than the limit documentNesting.',
    suggestion: 'move inner steps to a workflow of their own, or raise limits.documentNesting',
  },
  'too-many-aliases': {
    severity: 'error',
    summary: 'Aliases stand for more nodes than the limit documentAliasNodes.',
    suggestion: 'write the values out, or raise limits.documentAliasNodes',
  },
  'too-many-steps': {
    severity: 'error',
    summary: 'The document has more steps than the limit documentSteps.',
    suggestion: 'split the workflow, or raise limits.documentSteps',
  },
  'bad-character': {
    severity: 'error',
    summary: 'U+0000 or half of a surrogate pair, which no database can hold.',
    suggestion: 'remove the character',
  },
  'yaml-syntax': { severity: 'error', summary: 'The text is not YAML 1.2 (or not JSON).' },
  'quote-this-expression': {
    severity: 'error',
    summary:
      'YAML reads an unquoted expression as something else: `: `, ` #`, `{`, `[` have a meaning of their own.',
    suggestion: 'quote this expression: put it in "…" or \'…\', or in a block scalar (|)',
  },
  'several-documents': {
    severity: 'error',
    summary: 'A file holds one document.',
    suggestion: 'put each document into a file of its own',
  },
  'empty-document': {
    severity: 'error',
    summary: 'There is nothing in the document, or it is not a map.',
    suggestion: 'start with `dsl: perdure/1`',
  },
  'duplicate-key': {
    severity: 'error',
    summary: 'A map has the same key twice.',
    suggestion: 'remove or rename one of them',
  },
  'bad-key': {
    severity: 'error',
    summary:
      'A key that is not plain text, or that JavaScript objects give a meaning (__proto__, constructor, prototype).',
    suggestion: 'use another key',
  },
  'merge-key': {
    severity: 'error',
    summary: 'YAML merge keys (<<) are not part of YAML 1.2.',
    suggestion: 'write the keys out',
  },
  'custom-tag': {
    severity: 'error',
    summary: 'YAML tags are refused; a value is what the core schema reads.',
    suggestion: 'remove the tag',
  },
  'unsafe-number': {
    severity: 'error',
    summary: 'A number that JSON cannot hold exactly: beyond 2^53, infinite or not a number.',
    suggestion: 'write it as a string',
  },
  // The shape
  'unknown-key': { severity: 'error', summary: 'A key that the language does not have at this place.' },
  'missing-key': { severity: 'error', summary: 'A key that must be there.' },
  'wrong-value': {
    severity: 'error',
    summary: 'A value of another type or form than the language asks for.',
  },
  'no-verb': {
    severity: 'error',
    summary: 'A step without a verb.',
    suggestion:
      'give it one of: activity, workflow, do, switch, parallel, forEach, while, until, try, wait, set, signal, emit, fail, return, continueAsNew',
  },
  'several-verbs': {
    severity: 'error',
    summary: 'A step with more than one verb.',
    suggestion: 'make a step of each',
  },
  'not-supported': {
    severity: 'error',
    summary: 'Part of the language, but this release cannot run it yet.',
    suggestion: 'valid, but not supported yet; leave it out for now',
  },
  'bare-number-duration': { severity: 'error', summary: 'A duration without a unit.' },
  'bad-duration': {
    severity: 'error',
    summary: 'A text that is not a duration.',
    suggestion: 'write it as 500ms, 30s, 1h30m, 7d, or ISO 8601 (PT5M)',
  },
  'bad-time': {
    severity: 'error',
    summary: 'A text that is not a point in time.',
    suggestion: 'write it as 2027-01-31T09:00:00Z',
  },
  'bad-version-range': {
    severity: 'error',
    summary: 'A text that is not a semantic version range.',
    suggestion: "write it as '^2.1.0' or '>=1.2.0 <2.0.0'",
  },
  'invalid-json-schema': { severity: 'error', summary: 'A JSON Schema (2020-12) that cannot be compiled.' },
  // Names
  'bad-name': {
    severity: 'error',
    summary: 'A name that cannot be written in an expression without quoting.',
    suggestion: 'use letters, digits and _, not beginning with a digit',
  },
  'reserved-name': {
    severity: 'error',
    summary: 'A name that expressions or JavaScript objects give a meaning of their own.',
    suggestion: 'choose another name',
  },
  'shadowing-name': {
    severity: 'error',
    summary: 'A loop or error variable that hides a name of the scope or a built-in function.',
    suggestion: 'choose another name',
  },
  'duplicate-id': {
    severity: 'error',
    summary: 'Two steps with the same id.',
    suggestion: 'ids are addresses in history, graph and migrations; give each step its own',
  },
  'missing-id': {
    severity: 'warning',
    summary: 'A wait, activity, workflow or loop without an id: its position would not survive an edit.',
    suggestion: 'give the step an id',
  },
  'template-not-allowed': {
    severity: 'error',
    summary: 'A `${ }` where the language takes literal text only.',
    suggestion: 'write the text itself',
  },
  // Expressions
  'unterminated-expression': {
    severity: 'error',
    summary: 'A `${` without its matching `}`.',
    suggestion: 'close it with }, or write $${ for a literal ${',
  },
  'bad-expression': { severity: 'error', summary: 'An expression that is not JSONata.' },
  'text-added': {
    severity: 'error',
    summary: 'A text at a `+`, which adds numbers only.',
    suggestion: "join texts with &, as in 'a ' & b",
  },
  'bare-expression-expected': {
    severity: 'error',
    summary: 'A key that takes one expression holds text with several, or none.',
    suggestion: 'write one expression, without ${ } or with one ${ } around the whole',
  },
  'unsafe-regex': {
    severity: 'error',
    summary: 'A regular expression that cannot run in linear time: look-around or a back-reference.',
    suggestion: 'rewrite it without look-around and back-references',
  },
  'eval-refused': {
    severity: 'error',
    summary: '$eval makes code from data and is refused.',
    suggestion: 'name what you need in the expression itself',
  },
  'unknown-name': { severity: 'error', summary: 'A name that is not in the scope here.' },
  'unknown-function': { severity: 'error', summary: 'A function that JSONata and Perdure do not have.' },
  'hidden-function': {
    severity: 'error',
    summary: 'A built-in function that a name of the scope hides here.',
    suggestion: 'rename the variable with `as`',
  },
  'unknown-step': { severity: 'error', summary: 'A step id that the document does not have.' },
  'unknown-variable': { severity: 'error', summary: 'A variable that is not declared under `vars`.' },
  'unknown-signal': { severity: 'error', summary: 'A signal that is not declared under `signals`.' },
  'unknown-state': { severity: 'error', summary: 'A state that the document does not have.' },
  'unknown-field': {
    severity: 'error',
    summary: 'A field that a value of the known schema cannot have.',
  },
  'undeclared-field': {
    severity: 'warning',
    summary: 'A field that the known schema does not name, though it does not forbid it either.',
    suggestion: 'name it in the schema, or give a default with ??',
  },
  'scope-name-in-item': {
    severity: 'error',
    summary: 'A scope name inside a predicate or after a dot, where it would silently read the item.',
  },
  'step-not-yet-run': { severity: 'error', summary: 'The result of a step that cannot have run yet.' },
  'step-out-of-scope': {
    severity: 'error',
    summary: 'The result of a step of another branch, iteration or handler.',
  },
  'step-may-be-skipped': {
    severity: 'warning',
    summary: 'The result of a step that may have been skipped, read without a default.',
  },
  'step-may-be-unfinished': {
    severity: 'hint',
    summary: 'A query or handler reads the result of a step that may not have run when it is asked.',
  },
  'attempt-without-result': {
    severity: 'warning',
    summary:
      'With `compensateWhen: attempted`, a compensation that reads the result of its step without a default.',
  },
  'step-without-result': { severity: 'warning', summary: 'The result of a step whose verb gives none.' },
  'list-may-collapse': {
    severity: 'warning',
    summary:
      'A list is fed by a filter, whose single match would be the bare item and whose none would be nothing.',
    suggestion: 'keep the list with [] and a default: items[…][] ?? []',
  },
  moustache: {
    severity: 'warning',
    summary: '`{{ }}` is text here, not an expression.',
    suggestion: 'expressions are written ${ … }',
  },
  'maybe-expression': {
    severity: 'hint',
    summary: 'A text that looks like an expression without its `${ }`.',
  },
  // Flow
  'unreachable-step': {
    severity: 'error',
    summary: 'A step that can never be reached.',
    suggestion: 'remove it, or give what ends the steps before it an `if`',
  },
  'unreachable-state': {
    severity: 'error',
    summary: 'A state to which no transition leads from the initial one.',
    suggestion: 'lead a transition to it, or remove it',
  },
  'transition-never-taken': {
    severity: 'error',
    summary:
      'A transition that no run can take: behind one without `when`, or in a state that ends before it.',
    suggestion: 'remove it, or give the one before it a `when`',
  },
  'state-without-exit': {
    severity: 'warning',
    summary: 'A state that is not final and has no transition: a run stays in it for ever.',
    suggestion: 'add `next`, `on` or `after`, or make it `final: true`',
  },
  'catch-never-matches': {
    severity: 'error',
    summary:
      'A handler in `catch`, or an entry of `retry.on`, that can never match: those before it take all of it.',
    suggestion: 'move it up, or remove it',
  },
  'error-never-raised': {
    severity: 'warning',
    summary: 'A type of error in `catch` that nothing inside raises.',
    suggestion: 'check the spelling, or remove it',
  },
  'unused-variable': {
    severity: 'warning',
    summary: 'A variable that nothing reads.',
    suggestion: 'read it in a query or a step, or remove it',
  },
  'unused-signal': {
    severity: 'warning',
    summary: 'A signal that is declared and that nothing takes.',
    suggestion: 'wait for it, give it `do` steps, name it in an `on`, or remove it',
  },
  'retry-intervals': {
    severity: 'warning',
    summary: 'A retry whose initialInterval is longer than its maximumInterval.',
    suggestion: 'raise maximumInterval, or lower initialInterval',
  },
  'missing-compensation': {
    severity: 'hint',
    summary: 'A step without `compensate` beside steps that have one.',
    suggestion: 'add `compensate`, if what the step does must be undone too',
  },
  'return-not-allowed': {
    severity: 'error',
    summary: 'return or continueAsNew in the `do` of a signal or update, in `finally` or in `compensate`.',
    suggestion: 'end the workflow from its main steps',
  },
  'rethrow-outside-catch': {
    severity: 'error',
    summary: '`fail: rethrow` outside a `catch`.',
    suggestion: 'name an error: fail: { type, message }',
  },
  'nested-compensation': {
    severity: 'error',
    summary: 'A `compensate` inside a `compensate`.',
    suggestion: 'remove the inner one',
  },
  'signal-with-do': {
    severity: 'error',
    summary: 'A wait for a signal that has `do` steps, which take it.',
    suggestion: 'remove the `do`, or wait for a condition that its steps make true',
  },
  // Activities
  'activity-not-registered': {
    severity: 'hint',
    summary: 'No activity of this name is registered in this process.',
    suggestion: 'it waits for a worker of its task queue; under `run` it is ActivityNotRegistered',
  },
  'activity-input-invalid': {
    severity: 'error',
    summary: 'An input that the registered activity does not take.',
  },
  // Other runs
  'workflow-not-known': {
    severity: 'hint',
    summary: 'No workflow of this name, or no version in this range, is known here.',
    suggestion: 'deploy it before a run gets here; else the step fails with WorkflowNotFound',
  },
  'child-input-invalid': {
    severity: 'error',
    summary: 'An input that the child workflow, as it is known here, does not take.',
  },
  'next-input-invalid': {
    severity: 'error',
    summary: 'An input that the next run, of the same version, does not take.',
  },
  'result-invalid': {
    severity: 'error',
    summary: 'A result that the schema under `output` does not allow.',
  },
  'more-problems': { severity: 'error', summary: 'There are more problems than the limit documentProblems.' },
} as const satisfies { readonly [code: string]: CatalogueEntry }

export type ProblemCode = keyof typeof problemCatalogue

export function suggestionOf(code: ProblemCode): string | undefined {
  const entry: CatalogueEntry = problemCatalogue[code]
  return entry.suggestion
}
