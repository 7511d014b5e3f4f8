import assert from 'node:assert/strict'
import { Ajv2020 } from 'ajv/dist/2020.js'
import jsonata from 'jsonata'
import { jsonataFunctions } from '../../../schema/expressions/function-names.ts'
import { loadDocument } from '../../../schema/load.ts'
import { languageSchema, stepKeys } from '../../../schema/shape/language-schema.ts'
import { verbs } from '../../../schema/verbs.ts'
import { flowCases } from '../checks/flow-cases.ts'
import { problemCases } from '../problems/problem-cases.ts'

type Loose = { readonly [key: string]: unknown }

function isLoose(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

describe('workflow.schema.json', () => {
  it('is a JSON Schema that editors can use as it is', () => {
    assert.ok(new Ajv2020({ strict: false, allErrors: true }).compile(languageSchema()))
  })

  it('describes every key', () => {
    let keys = 0
    const visit = (schema: unknown, path: string, asProperties: boolean): void => {
      if (Array.isArray(schema))
        for (const [index, item] of schema.entries()) visit(item, `${path}/${index}`, false)
      if (!isLoose(schema)) return
      for (const [key, value] of Object.entries(schema)) {
        if (asProperties && isLoose(value)) {
          keys++
          const target = typeof value['$ref'] === 'string' ? definition(value['$ref']) : undefined
          assert.ok(value['description'] ?? target?.['description'], `${path}/${key} has no description`)
        }
        if (key !== 'default' && key !== 'examples' && key !== 'required')
          visit(value, `${path}/${key}`, !asProperties && key === 'properties')
      }
    }
    visit(languageSchema(), '', false)
    assert.ok(keys > 100)
  })

  function definition(reference: string): Loose | undefined {
    const definitions = languageSchema()['$defs']
    const found = isLoose(definitions) ? definitions[reference.replace('#/$defs/', '')] : undefined
    return isLoose(found) ? found : undefined
  }

  it('has a closed definition for every verb', () => {
    for (const verb of verbs) {
      assert.ok(stepKeys(verb).includes(verb))
      assert.ok(stepKeys(verb).includes('if'))
      assert.equal(definition(`#/$defs/${verb}Step`)?.['additionalProperties'], false)
    }
  })

  it('as a whole takes what the loader takes, and refuses what has the wrong shape', () => {
    const validate = new Ajv2020({ strict: false }).compile(languageSchema())
    const head = 'dsl: perdure/1\nname: a\nversion: 1.0.0\n'
    const shapes = [
      'unknown-key',
      'missing-key',
      'wrong-value',
      'no-verb',
      'bad-name',
      'bare-number-duration',
    ]
    for (const { code, what, bad, good } of [...problemCases, ...flowCases]) {
      const read = (text: string) =>
        loadDocument(/^‸?dsl/.test(text) ? text.replace('‸', '') : head + text.replace('‸', '')).definition
      assert.ok(validate(read(good)), `${code}: ${what}: ${JSON.stringify(validate.errors)}`)
      // Of the further cases some are told by what stands elsewhere.
      if (shapes.includes(code) && problemCases.some((each) => each.bad === bad))
        assert.equal(validate(read(bad)), false, `${code}: ${what}`)
      if (code === 'not-supported')
        assert.ok(
          validate(read(bad)),
          `${what} is valid, if not supported: ${JSON.stringify(validate.errors)}`,
        )
    }
  })
})

describe('the names of functions', () => {
  it('are those that the pinned JSONata has', async () => {
    for (const name of jsonataFunctions) {
      assert.equal(await jsonata(`$type($${name})`).evaluate({}), 'function', name)
    }
  })
})
