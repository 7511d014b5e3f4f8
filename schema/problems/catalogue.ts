/**
 * Every problem that a document can have: its stable code, how bad it is, what it means and what to do.
 * Owns the list alone; docs/errors.md is held equal to it by a test, and each code has a bad document under test/schema.
 */

import { meaningProblems } from './catalogue-meaning.ts'
import type { Severity } from './problem.ts'

export interface CatalogueEntry {
  readonly severity: Severity
  readonly summary: string
  /** What to do where the finding itself knows nothing better: no problem is without. */
  readonly suggestion: string
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
  'yaml-syntax': {
    severity: 'error',
    summary: 'The text is not YAML 1.2 (or not JSON).',
    suggestion: 'check the indentation (spaces, no tabs), quotes and brackets here',
  },
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
  'unknown-key': {
    severity: 'error',
    summary: 'A key that the language does not have at this place.',
    suggestion: 'remove it, or spell it as the language does',
  },
  'missing-key': {
    severity: 'error',
    summary: 'A key that must be there.',
    suggestion: 'add it',
  },
  'wrong-value': {
    severity: 'error',
    summary: 'A value of another type or form than the language asks for.',
    suggestion: 'write a value of the form that the message names',
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
  'bare-number-duration': {
    severity: 'error',
    summary: 'A duration without a unit.',
    suggestion: 'write the unit: 30s, 500ms',
  },
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
  'invalid-json-schema': {
    severity: 'error',
    summary: 'A JSON Schema (2020-12) that cannot be compiled.',
    suggestion: 'write a JSON Schema, such as { type: object, properties: { id: { type: string } } }',
  },
  'schema-without-keywords': {
    severity: 'warning',
    summary: 'A JSON Schema none of whose keys is a keyword of JSON Schema: it allows every value.',
    suggestion: 'put the fields under `properties`: { type: object, properties: { … } }',
  },
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
  ...meaningProblems,
} as const satisfies { readonly [code: string]: CatalogueEntry }

export type ProblemCode = keyof typeof problemCatalogue

export function suggestionOf(code: ProblemCode): string {
  const entry: CatalogueEntry = problemCatalogue[code]
  return entry.suggestion
}
