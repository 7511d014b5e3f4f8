/** What the test kit uses of the engine; the kit imports nothing else of the project. */
export { createActivityRegistry } from '../activities/registry.ts'
export { createActivityRunner } from '../activities/runner.ts'
export * from '../engine/index.ts'
export type { Scope } from '../interpreter/expressions/contract.ts'
export { render } from '../interpreter/expressions/render.ts'
export type { BlockKey, PlanExpression, Template } from '../schema/plan.ts'
export { parseActivitySettings } from '../schema/settings.ts'
export { splitTemplate } from '../schema/template-text.ts'
