/**
 * The documents of a scenario file: read, checked and known by step, so that a difference can name a line of the
 * document and coverage its steps. Owns no rule of the language: `loadDocument` of the engine says what is wrong.
 */
import { readFile } from 'node:fs/promises'
import { loadDocument, type Plan, type PlanStep, type Problem } from '../engine/index.ts'
import type { FilePlace } from './result.ts'

export interface ScenarioDocument {
  readonly file: string
  readonly source: string
  readonly format: 'yaml' | 'json'
  readonly plan: Plan
}

export type DocumentResult =
  | { readonly kind: 'valid'; readonly document: ScenarioDocument }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  | { readonly kind: 'unreadable'; readonly message: string }

export async function readDocument(file: string): Promise<DocumentResult> {
  let source: string
  try {
    source = await readFile(file, 'utf8')
  } catch (error) {
    return {
      kind: 'unreadable',
      message: `${file} cannot be read: ${error instanceof Error ? error.message : error}`,
    }
  }
  const format = file.endsWith('.json') ? 'json' : 'yaml'
  const { plan, problems } = loadDocument(source, { file, format })
  if (plan === undefined) return { kind: 'invalid', problems }
  return { kind: 'valid', document: { file, source, format, plan } }
}

/** Where a step stands, in the first document that has it. */
export function placeOfStep(
  documents: readonly ScenarioDocument[],
  step: string | null | undefined,
): (FilePlace & { readonly step: string }) | null {
  for (const { file, plan } of documents) {
    const found = step === null || step === undefined ? undefined : stepOf(plan, step)
    if (found !== undefined) return { file, ...found.place, step: found.id }
  }
  return null
}

/** The last step that sets this variable. */
export function setterOf(documents: readonly ScenarioDocument[], variable: string): string | null {
  const setters = documents.flatMap(({ plan }) =>
    Object.values(plan.steps).filter(
      (step) => step.verb === 'set' && step.assignments.some(([name]) => name === variable),
    ),
  )
  return setters.at(-1)?.id ?? null
}

function stepOf(plan: Plan, id: string): PlanStep | undefined {
  return Object.hasOwn(plan.steps, id) ? plan.steps[id] : undefined
}
