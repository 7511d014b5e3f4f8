import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { Json } from '../../../schema/json.ts'
import { loadDocument } from '../../../schema/load.ts'
import { canonicalJson, digestOf } from '../../../schema/source/canonical.ts'
import { sha256Hex } from '../../../schema/source/sha256.ts'

describe('the identity of a document', () => {
  it('SHA-256 agrees with the native one', () => {
    assert.equal(sha256Hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1_000]) {
      const text = 'é'.repeat(length)
      assert.equal(sha256Hex(text), createHash('sha256').update(text).digest('hex'))
    }
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        assert.equal(sha256Hex(text), createHash('sha256').update(text).digest('hex'))
      }),
    )
  })

  it('canonical JSON sorts keys and reads back as the same value', () => {
    assert.equal(
      canonicalJson({ b: [1, { d: null, c: 'é"' }], a: 1e21 }),
      '{"a":1e+21,"b":[1,{"c":"é\\"","d":null}]}',
    )
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json: Json = JSON.parse(JSON.stringify(value))
        assert.deepEqual(JSON.parse(canonicalJson(json)), json)
      }),
    )
  })

  it('does not depend on comments, style, key order or on YAML against JSON', () => {
    const yaml =
      'dsl: perdure/1\n# a comment\nname: a\nversion: 1.0.0\nsteps:\n  - return: { b: "x", a: [1, 2] }\n'
    const json =
      '{\n\t"version": "1.0.0", "name": "a", "dsl": "perdure/1",\n\t"steps": [{"return": {"a": [1, 2], "b": "x"}}]\n}'
    const fromYaml = loadDocument(yaml).plan
    const fromJson = loadDocument(json, { format: 'json' }).plan
    assert.ok(fromYaml && fromJson)
    assert.equal(fromYaml.digest, fromJson.digest)
    assert.equal(fromYaml.digest, digestOf(loadDocument(yaml).definition ?? null))
    assert.notEqual(loadDocument(yaml.replace('"x"', '"y"')).plan?.digest, fromYaml.digest)
  })
})
