import assert from 'node:assert/strict'
import {
  formatReport,
  jsonReport,
  junitReport,
  type ScenarioReport,
  stepPercentage,
} from '../../testing/index.ts'
import { sideBySide } from '../../testing/side-by-side.ts'

const report: ScenarioReport = {
  passed: false,
  results: [
    {
      file: '/w/order.test.yaml',
      name: 'approved <after> an hour',
      place: { file: '/w/order.test.yaml', line: 3, column: 5 },
      passed: true,
      failures: [],
      crashes: 12,
      tookMs: 8,
      virtualMs: 3_900_000,
    },
    {
      file: '/w/order.test.yaml',
      name: 'rejected',
      place: { file: '/w/order.test.yaml', line: 20, column: 5 },
      passed: false,
      failures: [
        {
          message: 'expect.calls, from the 2nd on',
          place: { file: '/w/order.test.yaml', line: 30, column: 14 },
          documentPlace: { file: '/w/2.1.0.yaml', line: 61, column: 5, step: 'ship' },
          expected: ['validate', 'charge'],
          got: ['validate', 'ship', 'charge'],
        },
      ],
      crashes: 0,
      tookMs: 4,
      virtualMs: null,
    },
  ],
  failures: [
    {
      file: '/w/bad.test.yaml',
      message: 'the scenario file has errors',
      problems: [
        {
          code: 'scenario-invalid',
          severity: 'error',
          message: 'unknown key "reslut" in "expect"',
          path: '/scenarios/0/expect/reslut',
          file: '/w/bad.test.yaml',
          line: 6,
          column: 7,
          excerpt: '      reslut: 1\n      ^',
          suggestion: 'did you mean "result"?',
        },
      ],
    },
  ],
  coverage: [
    {
      file: '/w/2.1.0.yaml',
      name: 'order-processing',
      version: '2.1.0',
      steps: 11,
      stepsReached: 10,
      branches: 6,
      branchesReached: 5,
      unreached: [
        { kind: 'step', what: 'step "ship"', place: { file: '/w/2.1.0.yaml', line: 61, column: 5 } },
        {
          kind: 'branch',
          what: 'compensation of "charge"',
          place: { file: '/w/2.1.0.yaml', line: 50, column: 11 },
        },
      ],
    },
  ],
}

describe('reports', () => {
  it('for people: a line per scenario, what differed side by side, what was not reached', () => {
    assert.equal(
      formatReport(report),
      `/w/order.test.yaml
  ✓ approved <after> an hour (1h5m virtual, 12 crashes, 8 ms)
  ✗ rejected (still open, 4 ms)
      expect.calls, from the 2nd on
      at /w/order.test.yaml:30:14, step "ship" at /w/2.1.0.yaml:61:5
        expected    got
        validate    validate
        charge    ≠ ship
                  ≠ charge

/w/bad.test.yaml
  ✗ the scenario file has errors
    /w/bad.test.yaml:6:7 unknown key "reslut" in "expect"
            reslut: 1
            ^
      did you mean "result"?

order-processing@2.1.0: 10 of 11 steps, 5 of 6 branches reached
  not reached: step "ship" at /w/2.1.0.yaml:61:5
  not reached: compensation of "charge" at /w/2.1.0.yaml:50:11

1 failed, 1 files with errors, 1 passed, 90% of steps reached`,
    )
  })

  it('for tools: one JSON value', () => {
    const value = jsonReport(report)
    assert.deepEqual(JSON.parse(JSON.stringify(value)), value)
    assert.ok(typeof value === 'object' && value !== null && 'counts' in value)
    assert.deepEqual(value['counts'], { passed: 1, failed: 1, filesWithErrors: 1 })
    assert.equal(value['stepPercentage'], 90)
  })

  it('for CI: JUnit, escaped', () => {
    const xml = junitReport(report)
    assert.match(xml, /<testsuites name="perdure" tests="3" failures="1" errors="1">/)
    assert.match(
      xml,
      /<testcase classname="\/w\/order.test.yaml" name="approved &lt;after&gt; an hour" time="0.008"\/>/,
    )
    assert.match(xml, /<failure message="expect.calls, from the 2nd on">/)
    assert.match(xml, /<error message="the scenario file has errors">/)
    assert.equal((xml.match(/<testsuite /g) ?? []).length, 2)
  })

  it('counts the steps of all documents', () => {
    assert.equal(stepPercentage(report.coverage), 90)
    assert.equal(stepPercentage([]), 100)
  })

  it('puts values of any kind side by side', () => {
    assert.deepEqual(sideBySide(1, undefined), ['expected    got', '1         ≠ (nothing)'])
    assert.deepEqual(sideBySide({ a: 1 }, { a: 2 }), [
      'expected    got',
      '{           {',
      '  "a": 1  ≠   "a": 2',
      '}           }',
    ])
    assert.deepEqual(sideBySide('', 'x'), ['expected    got', '""        ≠ x'])
    assert.deepEqual(sideBySide([], {}), ['expected    got', '[]        ≠ {}'])
    assert.deepEqual(sideBySide(['a'], []), ['expected    got', 'a         ≠ []'])
  })

  it('tells a text from a number, and a list of texts from a text', () => {
    assert.deepEqual(sideBySide(1, '1'), ['expected    got', '1         ≠ "1"'])
    assert.deepEqual(sideBySide('null', null), ['expected    got', '"null"    ≠ null'])
    assert.deepEqual(sideBySide('a', ['a']).slice(1), ['"a"       ≠ [', '          ≠   "a"', '          ≠ ]'])
  })
})
