/** Modules of every shape and language, and what is said about those that cannot be loaded. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadActivityModules } from '../../activities/load.ts'
import { ActivitySetupError } from '../../activities/setup-error.ts'

const cwd = join(dirname(fileURLToPath(import.meta.url)), 'modules')

async function namesOf(...specifiers: readonly string[]): Promise<readonly string[]> {
  const { activities } = await loadActivityModules(specifiers, { cwd })
  return activities.map(
    ({ definition, place }) => `${Reflect.get(Object(definition), 'name')} at ${place.export}`,
  )
}

async function refusal(specifier: string, from = cwd): Promise<ActivitySetupError> {
  try {
    await loadActivityModules([specifier], { cwd: from })
  } catch (thrown) {
    if (thrown instanceof ActivitySetupError) return thrown
    throw thrown
  }
  return assert.fail('was loaded')
}

describe('a module of activities', () => {
  it('in TypeScript exports them in any shape, each once', async () => {
    assert.deepEqual(await namesOf('./shapes.ts'), [
      'shapes.nested at group.a',
      'shapes.deep at group.b.c',
      'shapes.named at named',
      'shapes.listed at default[1]',
    ])
  })
  it('in JavaScript is loaded as it is', async () => {
    assert.deepEqual(await namesOf('./plain.mjs'), ['plain.js at default'])
    assert.deepEqual(await namesOf('./common.cjs'), ['common.one at one', 'common.two at two'])
  })
  it('may be named without its ending, by an absolute path, by a URL, and twice', async () => {
    assert.equal((await namesOf('plain')).length, 1)
    assert.equal((await namesOf(join(cwd, 'plain.mjs'))).length, 1)
    assert.equal((await namesOf(new URL('modules/plain.mjs', import.meta.url).href)).length, 1)
    assert.equal((await namesOf('./plain.mjs', './plain.mjs')).length, 1)
  })
  it('may hold a plugin', async () => {
    const { plugins, activities } = await loadActivityModules(['./plugin.ts'], { cwd })
    assert.deepEqual(
      plugins.map(({ place }) => place),
      [{ module: './plugin.ts', export: 'default' }],
    )
    assert.equal(activities.length, 0)
  })
})

describe('a package of activities', () => {
  let root = ''
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'perdure-load-'))
    const packages = join(root, 'node_modules')
    mkdirSync(join(packages, 'esm-activities'), { recursive: true })
    writeFileSync(
      join(packages, 'esm-activities', 'package.json'),
      JSON.stringify({ name: 'esm-activities', type: 'module', exports: { '.': { import: './main.js' } } }),
    )
    writeFileSync(
      join(packages, 'esm-activities', 'main.js'),
      "export const greet = { name: 'esm.greet', run: () => 'hi' }\n",
    )
    mkdirSync(join(packages, '@team', 'common'), { recursive: true })
    writeFileSync(
      join(packages, '@team', 'common', 'package.json'),
      JSON.stringify({ name: '@team/common', main: './main.js' }),
    )
    writeFileSync(
      join(packages, '@team', 'common', 'main.js'),
      "module.exports = [{ name: 'team.greet', run: () => 'hi' }]\n",
    )
    symlinkSync(cwd, join(root, 'linked'))
  })
  after(() => rmSync(root, { recursive: true }))

  it('is found from the working directory, ES module or CommonJS', async () => {
    const { activities } = await loadActivityModules(['esm-activities', '@team/common'], { cwd: root })
    assert.deepEqual(
      activities.map(({ definition }) => Reflect.get(Object(definition), 'name')),
      ['esm.greet', 'team.greet'],
    )
  })
  it('that is not installed is said to be so', async () => {
    const error = await refusal('no-such-activities', root)
    assert.equal(error.code, 'ActivityModuleNotFound')
    assert.match(
      error.message,
      /^no-such-activities: neither a file nor an installed package.*\.\/no-such-activities/,
    )
  })
})

describe('a module that cannot be loaded', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'perdure-broken-'))
    writeFileSync(join(folder, 'syntax.ts'), 'export const a = 1\nexport const b = = 2\n')
    writeFileSync(join(folder, 'syntax.mjs'), 'export const a = 1\nexport const b = = 2\n')
    writeFileSync(join(folder, 'holes.mjs'), "export default [{ name: 'a', run() {} }, undefined]\n")
    for (const name of ['own.ts', 'own.mjs'])
      writeFileSync(
        join(folder, name),
        "import { defineActivity } from 'perdure'\nexport default [defineActivity]\n",
      )
    writeFileSync(join(folder, 'data.yaml'), 'a: 1\n')
  })
  after(() => rmSync(folder, { recursive: true }))

  it('because there is none', async () => {
    const error = await refusal('./nowhere.ts')
    assert.equal(error.code, 'ActivityModuleNotFound')
    assert.match(
      error.message,
      /^\.\/nowhere\.ts: there is no such file \(looked for .*modules\/nowhere\.ts\)/,
    )
  })
  it('because it imports what is not there', async () => {
    const error = await refusal('./broken/imports.ts')
    assert.equal(error.code, 'ActivityModuleNotFound')
    assert.match(error.message, /nowhere\.ts/)
    assert.match(error.message, /imports\.ts/)
  })
  for (const name of ['own.ts', 'own.mjs'])
    it(`because this package is not installed beside it, with what to do (${name})`, async () => {
      const error = await refusal(`./${name}`, folder)
      assert.equal(error.code, 'ActivityModuleNotFound')
      assert.match(error.message, /npm install perdure.*plain objects with `name` and `run`/)
    })
  for (const name of ['syntax.ts', 'syntax.mjs'])
    it(`because of a syntax error, with its place (${name})`, async () => {
      const error = await refusal(`./${name}`, folder)
      assert.equal(error.code, 'ActivityModuleBroken')
      assert.match(error.message, new RegExp(`${name.replace('.', '\\.')}:2`))
    })
  it('because it throws, with the place', async () => {
    const error = await refusal('./broken/throws.ts')
    assert.equal(error.code, 'ActivityModuleBroken')
    assert.match(error.message, /TypeError: .*\n\s+at .*throws\.ts:3/)
  })
  it('because it exports none, with what it does export', async () => {
    const error = await refusal('./broken/empty.ts')
    assert.equal(error.code, 'ActivityModuleEmpty')
    assert.match(error.message, /only answer.*defineActivity/)
  })
  it('because its list has a hole', async () => {
    const error = await refusal('./holes.mjs', folder)
    assert.equal(error.code, 'ActivityDefinitionInvalid')
    assert.match(error.message, /default\[1\].*undefined/)
  })
  it('because it is no module', async () => {
    assert.match((await refusal('./data.yaml', folder)).message, /ends in \.ts/)
  })
})
