/**
 * What `testing/` alone uses beyond `index.ts`: templates of a script are rendered as those of a document, and the
 * suite for stores is published. A file of its own, so that no server loads a test suite.
 */
export type { Scope } from '../interpreter/expressions/contract.ts'
export { render } from '../interpreter/expressions/render.ts'
export { splitTemplate } from '../schema/expressions/template-text.ts'
export type { BlockKey, PlanExpression, Template } from '../schema/plan.ts'
export { didYouMean } from '../schema/problems/did-you-mean.ts'
export { describeStorage } from '../storage/suite.ts'
