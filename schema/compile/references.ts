/** Facts of expressions to what a plan keeps of them: the names that they read of the scope. */
import type { ExpressionFacts } from '../expressions/facts.ts'
import type { References } from '../plan.ts'

/** Sorted, each name once. */
export function foldReferences(all: readonly ExpressionFacts[]): References {
  const roots = all.flatMap((facts) => facts.roots.map((use) => use.name))
  return {
    steps: all.some((facts) => facts.allSteps)
      ? '*'
      : unique(all.flatMap((facts) => facts.steps.map((use) => use.name))),
    vars: all.some((facts) => facts.allVariables)
      ? '*'
      : unique(all.flatMap((facts) => facts.variables.map((use) => use.name))),
    roots: unique(roots.filter((name) => name !== 'steps' && name !== 'vars')),
  }
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort()
}
