/**
 * The part of the catalogue that is about what a document means: its expressions, flow, activities and other runs. Owns the
 * list alone; `problems/catalogue.ts` joins it with what is about text, shape and names.
 */
import type { CatalogueEntry } from './catalogue.ts'

export const meaningProblems = {
  // Expressions
  'unterminated-expression': {
    severity: 'error',
    summary: 'A `${` without its matching `}`.',
    suggestion: 'close it with }, or write $${ for a literal ${',
  },
  'bad-expression': {
    severity: 'error',
    summary: 'An expression that is not JSONata.',
    suggestion:
      'expressions are JSONata: paths, = != < > and or in, & joins texts, ?? gives a default, functions are $name(…)',
  },
  'text-added': {
    // It fails a run for certain, which a `catch` may be there for.
    severity: 'warning',
    summary: 'A text at a `+`, which adds numbers only.',
    suggestion: "join texts with &, as in 'a ' & b",
  },
  'text-in-predicate': {
    severity: 'error',
    summary: "A text alone in brackets, which is a filter that always holds: `['name']` reads no field.",
    suggestion: 'read a field as a.name, or a.`any name`',
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
  'unknown-name': {
    severity: 'error',
    summary: 'A name that is not in the scope here.',
    suggestion: 'begin with input, vars, steps or workflow',
  },
  'unknown-function': {
    severity: 'error',
    summary: 'A function that JSONata and Perdure do not have.',
    suggestion: 'see the functions of JSONata',
  },
  'hidden-function': {
    severity: 'error',
    summary: 'A built-in function that a name of the scope hides here.',
    suggestion: 'rename the variable with `as`',
  },
  'unknown-step': {
    severity: 'error',
    summary: 'A step id that the document does not have.',
    suggestion: 'a step is named by its `id`',
  },
  'unknown-variable': {
    severity: 'error',
    summary: 'A variable that is not declared under `vars`.',
    suggestion: 'declare it under `vars`',
  },
  'unknown-signal': {
    severity: 'error',
    summary: 'A signal that is not declared under `signals`.',
    suggestion: 'declare it under `signals`',
  },
  'unknown-state': {
    severity: 'error',
    summary: 'A state that the document does not have.',
    suggestion: 'name one of the states of the document',
  },
  'unknown-field': {
    severity: 'error',
    summary: 'A field that a value of the known schema cannot have.',
    suggestion: 'name a field of the schema, or correct the schema',
  },
  'undeclared-field': {
    severity: 'warning',
    summary: 'A field that the known schema does not name, though it does not forbid it either.',
    suggestion: 'name it in the schema, or give a default with ??',
  },
  'scope-name-in-item': {
    severity: 'error',
    summary: 'A scope name inside a predicate or after a dot, where it would silently read the item.',
    suggestion: 'write $name for the scope, or $.name for the field of the item',
  },
  'step-not-yet-run': {
    severity: 'error',
    summary: 'The result of a step that cannot have run yet.',
    suggestion: 'move the step up, or this reading of it down; what an earlier round gave is kept with `set`',
  },
  'step-out-of-scope': {
    severity: 'error',
    summary: 'The result of a step of another branch, iteration or handler.',
    suggestion: 'read the result of the step around it',
  },
  'step-may-be-skipped': {
    severity: 'warning',
    summary: 'The result of a step that may have been skipped, read without a default.',
    suggestion: 'give a default (steps.a ?? …), or ask with $exists(steps.a)',
  },
  'step-may-be-unfinished': {
    severity: 'hint',
    summary: 'A query or handler reads the result of a step that may not have run when it is asked.',
    suggestion: 'give a default (steps.a ?? …), or ask with $exists(steps.a)',
  },
  'attempt-without-result': {
    severity: 'warning',
    summary:
      'With `compensateWhen: attempted`, a compensation that reads the result of its step without a default.',
    suggestion: 'give a default (steps.a ?? …), or ask with $exists(steps.a)',
  },
  'step-without-result': {
    severity: 'warning',
    summary: 'The result of a step whose verb gives none.',
    suggestion: 'read what it changes instead',
  },
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
    suggestion: 'if its value is meant, write it in ${ … }',
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
  'error-type-spelling': {
    severity: 'hint',
    summary: "A type of error in `catch` that differs from one of the engine's in its spelling alone.",
    suggestion: "write it as the engine does, if it is the engine's",
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
    suggestion: 'give the input that the activity takes, or correct its schema',
  },
  'type-mismatch': {
    severity: 'warning',
    summary:
      'A computed value whose type is known from its form or its schema, and is none that its place takes.',
    suggestion: 'convert it, or correct the schema that is wrong',
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
    suggestion: 'give the input that the child takes, or correct its schema',
  },
  'next-input-invalid': {
    severity: 'warning',
    summary: 'An input that the next run, of the same version, does not take.',
    suggestion: 'give the input that the document itself takes, or correct its schema',
  },
  'result-invalid': {
    severity: 'warning',
    summary: 'A result that the schema under `output` does not allow.',
    suggestion: 'return what `output` describes, or correct that schema',
  },
  'more-problems': {
    severity: 'error',
    summary: 'There are more problems than the limit documentProblems.',
    suggestion: 'mend those above, and check again',
  },
} as const satisfies { readonly [code: string]: CatalogueEntry }
