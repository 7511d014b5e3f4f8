/**
 * The functions of the test runner that the suite needs, taken from the global scope (mocha's, or another's with the
 * same names), so that the published suite depends on no runner.
 */
export interface TestRunner {
  describe(title: string, body: () => void): unknown
  it(title: string, body: () => Promise<void>): unknown
  before(body: () => Promise<void>): unknown
  after(body: () => Promise<void>): unknown
}

export function globalRunner(): TestRunner {
  return {
    describe: (title, body) => globalFunction('describe')(title, body),
    it: (title, body) => globalFunction('it')(title, body),
    before: (body) => globalFunction('before', 'beforeAll')(body),
    after: (body) => globalFunction('after', 'afterAll')(body),
  }
}

function globalFunction(...names: readonly string[]): (...values: readonly unknown[]) => unknown {
  for (const name of names) {
    const value: unknown = Reflect.get(globalThis, name)
    if (typeof value === 'function') return (...values) => value(...values)
  }
  throw new Error(`the storage suite needs a test runner with a global ${names.join(' or ')}`)
}
