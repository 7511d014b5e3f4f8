/** What editors show: a description and an example for every key, and examples that are right. */
import assert from 'node:assert/strict'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Json } from '../../schema/json.ts'
import { loadDocument } from '../../schema/load.ts'
import type { ProblemCode } from '../../schema/problems/catalogue.ts'
import { languageSchema } from '../../schema/shape/language-schema.ts'
import { verbs } from '../../schema/verbs.ts'

type Loose = { readonly [key: string]: unknown }

function isLoose(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Keys whose values are data, not schemas. */
const data = new Set(['default', 'examples', 'required', 'enum', 'const'])

/** What an example may never have, wherever it stands. That a step or a variable of it is not there is another matter. */
const malformed: ReadonlySet<string> = new Set<ProblemCode>([
  'unknown-key',
  'missing-key',
  'wrong-value',
  'no-verb',
  'several-verbs',
  'bare-number-duration',
  'bad-duration',
  'bad-time',
  'bad-version-range',
  'invalid-json-schema',
  'bad-name',
  'reserved-name',
  'shadowing-name',
  'template-not-allowed',
  'unterminated-expression',
  'bad-expression',
  'bare-expression-expected',
  'unsafe-regex',
  'unknown-function',
  'moustache',
])

interface Found {
  /** JSON pointer of the subschema. */
  readonly pointer: string
  readonly schema: Loose
  /** The key that it is for, where it stands under `properties`. */
  readonly property?: string
}

function everySchema(): readonly Found[] {
  const found: Found[] = []
  const visit = (value: unknown, pointer: string, property?: string) => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, `${pointer}/${index}`)
    if (!isLoose(value)) return
    found.push({ pointer, schema: value, ...(property === undefined ? {} : { property }) })
    for (const [key, inner] of Object.entries(value)) {
      if (data.has(key)) continue
      if ((key === 'properties' || key === '$defs') && isLoose(inner)) {
        for (const [name, schema] of Object.entries(inner))
          visit(schema, `${pointer}/${key}/${escaped(name)}`, key === 'properties' ? name : undefined)
      } else visit(inner, `${pointer}/${key}`)
    }
  }
  visit(languageSchema(), '')
  return found
}

function escaped(name: string): string {
  return encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))
}

describe('editor help in workflow.schema.json', () => {
  const all = everySchema()
  const properties = all.filter(({ property }) => property !== undefined)

  it('has a description of its own for every key, a sentence', () => {
    assert.ok(properties.length > 200, `${properties.length} keys`)
    for (const { pointer, schema } of properties) {
      const description = schema['description']
      assert.ok(typeof description === 'string', `${pointer} has no description`)
      assert.match(description, /^[A-Z`].{4,}[.)]$/s, `${pointer}: ${description}`)
    }
  })

  it('has an example for every key', () => {
    for (const { pointer, schema } of properties) {
      // Offered before the verb is written; an editor shows them together with those of the verb, which have examples.
      if (pointer.startsWith('/$defs/step/')) continue
      const examples = schema['examples']
      assert.ok(Array.isArray(examples) && examples.length > 0, `${pointer} has no example`)
    }
  })

  it('has examples and defaults that satisfy their own schema, to the last step inside', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true })
    const schema = languageSchema()
    ajv.addSchema(schema, 'language')
    let checked = 0
    for (const { pointer, schema: part } of all) {
      const examples: readonly unknown[] = Array.isArray(part['examples']) ? part['examples'] : []
      const values = 'default' in part ? [...examples, part['default']] : examples
      if (values.length === 0) continue
      const validate = ajv.getSchema(`language#${pointer}`)
      assert.ok(validate, `${pointer} cannot be compiled`)
      for (const value of values) {
        checked++
        assert.ok(
          validate(value),
          `${pointer}: ${JSON.stringify(value)}: ${JSON.stringify(validate.errors?.slice(0, 3))}`,
        )
      }
    }
    assert.ok(checked > 250, `${checked} examples`)
  })

  it('has examples that a document may hold: every expression, duration and name in them is well formed', () => {
    const base: { readonly [verb: string]: { readonly [key: string]: Json } } = {
      activity: { activity: 'a.b' },
      workflow: { workflow: 'a' },
      do: { if: 'vars.x', do: [{ wait: '1s' }] },
      switch: { switch: [{ when: 'vars.x', do: [{ wait: '1s' }] }] },
      parallel: { parallel: { a: [{ wait: '1s' }], b: [{ wait: '1s' }], c: [{ wait: '1s' }] } },
      forEach: { forEach: '[1, 2]', do: [{ wait: '1s' }] },
      while: { while: 'vars.x', do: [{ wait: '1s' }] },
      until: { until: 'vars.x', do: [{ wait: '1s' }] },
      try: { try: [{ wait: '1s' }], catch: [{ do: [{ wait: '1s' }] }] },
      wait: { wait: '1s' },
      set: { set: { x: 1 } },
      signal: { signal: { workflowId: 'a', name: 'b' } },
      emit: { emit: { type: 'a' } },
      fail: { fail: { type: 'A' } },
      return: { return: 1 },
      continueAsNew: { continueAsNew: {} },
    }
    let tried = 0
    const head = { dsl: 'perdure/1', name: 'a', version: '1.0.0', vars: { x: true } }
    const check = (what: string, document: Json) => {
      tried++
      const { problems } = loadDocument(JSON.stringify(document), { format: 'json' })
      const wrong = problems.filter(({ code }) => malformed.has(code))
      assert.deepEqual(wrong, [], what)
    }
    for (const { pointer, schema, property } of properties) {
      const examples: readonly Json[] = Array.isArray(schema['examples']) ? schema['examples'] : []
      const verb = /^\/\$defs\/(\w+)Step\/properties\/\w+$/.exec(pointer)?.[1]
      for (const example of examples) {
        if (property === undefined) continue
        const step = verb === undefined ? undefined : base[verb]
        const compensated = property === 'compensateWhen' ? { compensate: { activity: 'a.undo' } } : {}
        if (step !== undefined)
          check(`${pointer}: ${JSON.stringify(example)}`, {
            ...head,
            steps: [{ ...step, ...compensated, [property]: example }],
          })
        else if (pointer === `/properties/${property}` && property !== 'initial') {
          const rest = property === 'states' ? { initial: 'draft' } : { steps: [{ wait: '1s' }] }
          check(`${pointer}: ${JSON.stringify(example)}`, { ...head, ...rest, [property]: example })
        }
      }
    }
    assert.ok(tried > 120, `${tried} examples`)
  })

  it('names the defaults that the language has', () => {
    const defaults = new Map(all.map(({ pointer, schema }) => [pointer, schema['default']]))
    const expected: readonly (readonly [pointer: string, value: unknown])[] = [
      ['/$defs/retry/properties/initialInterval', '1s'],
      ['/$defs/retry/properties/backoffCoefficient', 2],
      ['/$defs/retry/properties/maximumInterval', '1m'],
      ['/$defs/retry/properties/maximumAttempts', 3],
      ['/$defs/retry/properties/jitter', 0],
      ['/$defs/retry/properties/nonRetryableErrorTypes', []],
      ['/$defs/saga/properties/order', 'sequential'],
      ['/$defs/activityStep/properties/startToCloseTimeout', '60s'],
      ['/$defs/activityStep/properties/taskQueue', 'default'],
      ['/$defs/activityStep/properties/cancellation', 'try'],
      ['/$defs/activityStep/properties/compensateWhen', 'completed'],
      ['/$defs/workflowStep/properties/onParentClose', 'terminate'],
      ['/$defs/workflowStep/properties/detached', false],
      ['/$defs/parallelStep/properties/join', 'all'],
      ['/$defs/forEachStep/properties/as', 'item'],
      ['/$defs/forEachStep/properties/index', 'index'],
      ['/$defs/forEachStep/properties/concurrency', 1],
      ['/$defs/tryStep/properties/catch/items/properties/as', 'error'],
    ]
    for (const [pointer, value] of expected) assert.deepEqual(defaults.get(pointer), value, pointer)
  })

  it('offers every verb where a step has none yet', () => {
    const step = all.find(({ pointer }) => pointer === '/$defs/step')?.schema['properties']
    assert.ok(isLoose(step))
    for (const verb of verbs) {
      const offered: unknown = step[verb]
      const own = all.find(({ pointer }) => pointer === `/$defs/${verb}Step/properties/${verb}`)?.schema
      assert.ok(isLoose(offered) && own !== undefined, verb)
      assert.equal(offered['description'], own['description'], verb)
    }
  })
})
