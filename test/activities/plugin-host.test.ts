/** Plugins: configuration, order, failures, health, teardown; and the one call that puts all activities together. */
import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { definePlugin } from '../../activities/plugin.ts'
import { openPlugins, type PluginRequest } from '../../activities/plugin-host.ts'
import { type PrepareOptions, prepareActivities } from '../../activities/prepare.ts'
import { ActivitySetupError, type SetupErrorCode } from '../../activities/setup-error.ts'
import { parseDuration } from '../../schema/duration.ts'
import { parseActivitySettings } from '../../schema/settings.ts'
import { silentLog } from './attempts.ts'

const cwd = join(dirname(fileURLToPath(import.meta.url)), 'modules')

function request(name: string, definition: unknown, config: PluginRequest['config'] = {}): PluginRequest {
  return { name, definition, place: { module: `./${name}.ts`, export: 'default' }, config }
}

/** Notes what happens to it. */
function noted(name: string, notes: string[], more: { setup?: () => void; teardown?: () => void } = {}) {
  return request(
    name,
    definePlugin({
      name,
      setup() {
        more.setup?.()
        notes.push(`${name} set up`)
        return {
          activities: [{ name: `${name}.work`, run: () => null }],
          teardown() {
            notes.push(`${name} torn down`)
            more.teardown?.()
          },
        }
      },
    }),
  )
}

async function refusal(work: Promise<unknown>, code: SetupErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(work, (thrown) => {
    assert.ok(thrown instanceof ActivitySetupError, String(thrown))
    assert.equal(thrown.code, code)
    assert.match(thrown.message, message)
    return true
  })
}

describe('plugins', () => {
  it('are set up in order and torn down in reverse, once', async () => {
    const notes: string[] = []
    const host = await openPlugins([noted('pool', notes), noted('mail', notes)], { log: silentLog })
    assert.deepEqual(
      host.activities.map(({ place }) => place),
      [
        { module: 'plugin "pool"', export: 'activities[0]' },
        { module: 'plugin "mail"', export: 'activities[0]' },
      ],
    )
    await host.teardown()
    await host.teardown()
    assert.deepEqual(notes, ['pool set up', 'mail set up', 'mail torn down', 'pool torn down'])
  })

  it('that fail to set up stop the start with their name, and those already open are closed', async () => {
    const notes: string[] = []
    const failing = noted('mail', notes, {
      setup() {
        throw new Error('no route to smtp')
      },
    })
    await refusal(
      openPlugins([noted('pool', notes), failing], { log: silentLog }),
      'PluginSetupFailed',
      /^plugin "mail" \(\.\/mail\.ts \(export default\)\) failed to set up: no route to smtp/,
    )
    assert.deepEqual(notes, ['pool set up', 'pool torn down'])
  })

  it('that hang are given up on', async () => {
    const hanging = request('slow', { name: 'slow', setup: () => new Promise(() => {}) })
    await refusal(
      openPlugins([hanging], { log: silentLog, setupMs: 10 }),
      'PluginSetupFailed',
      /within 10 ms/,
    )
  })

  it('that fail to close are logged and hold up no other', async () => {
    const notes: string[] = []
    const errors: string[] = []
    const failing = noted('mail', notes, {
      teardown() {
        throw new Error('stuck')
      },
    })
    const host = await openPlugins([noted('pool', notes), failing], {
      log: { ...silentLog, error: (message, fields) => errors.push(`${message}: ${fields?.['error']}`) },
    })
    await host.teardown()
    assert.deepEqual(notes.slice(-1), ['pool torn down'])
    assert.deepEqual(errors, ['plugin "mail" failed to close: stuck'])
  })

  it('tell their health', async () => {
    const sick = {
      name: 'sick',
      setup: () => ({
        activities: [],
        health() {
          throw new Error('pool is exhausted')
        },
      }),
    }
    const host = await openPlugins([noted('pool', []), request('sick', sick)], { log: silentLog })
    assert.deepEqual(await host.health(), [
      { name: 'pool', error: null },
      { name: 'sick', error: 'pool is exhausted' },
    ])
  })

  it('get their configuration checked, and as the schema makes it', async () => {
    let given: unknown
    const plugin = definePlugin({
      name: 'mail',
      config: z.object({ port: z.coerce.number(), from: z.string().default('me') }),
      setup(config) {
        given = config
        return { activities: [] }
      },
    })
    await openPlugins([request('mail', plugin, { port: '25' })], { log: silentLog })
    assert.deepEqual(given, { port: 25, from: 'me' })
    await refusal(
      openPlugins([request('mail', plugin, { port: 'x' })], { log: silentLog }),
      'PluginConfigInvalid',
      /^plugins\.mail: .*port/,
    )
    await refusal(
      openPlugins([request('pool', noted('pool', []).definition, { size: 1 })], { log: silentLog }),
      'PluginConfigInvalid',
      /takes no configuration, but size is set/,
    )
  })

  it('that are none, or give nothing of use, are refused', async () => {
    await refusal(openPlugins([request('x', { name: 'x' })], { log: silentLog }), 'PluginInvalid', /`setup`/)
    await refusal(
      openPlugins([request('x', { name: 'x', setup: () => ({}) })], { log: silentLog }),
      'PluginInvalid',
      /activities: \[/,
    )
    await refusal(
      openPlugins([request('x', { name: 'x', config: { type: 'objekt' }, setup() {} })], { log: silentLog }),
      'PluginInvalid',
      /`config` is not a usable schema/,
    )
  })
})

describe('the activities of a process', () => {
  const prepare = (more: Partial<PrepareOptions>) =>
    prepareActivities({
      cwd,
      log: silentLog,
      parseSettings: parseActivitySettings,
      builtIns: { parseDuration },
      ...more,
    })
  const names = (prepared: Awaited<ReturnType<typeof prepare>>) =>
    prepared.registry.list().map(({ name }) => name)

  it('are the built-in ones, those of modules, those given and those of plugins', async () => {
    const prepared = await prepare({
      modules: ['./plain.mjs'],
      given: [{ name: 'given.one', run: () => 1 }],
      plugins: { greetings: { use: './plugin.ts', greeting: 'hello' } },
    })
    assert.deepEqual(names(prepared), ['given.one', 'greeter.greet', 'http.request', 'log.write', 'plain.js'])
    await prepared.teardown()
  })

  it('may come from a plugin that a module exports, configured by the section of its name', async () => {
    const prepared = await prepare({ modules: ['./plugin.ts'], plugins: { greeter: { greeting: 'hello' } } })
    assert.ok(names(prepared).includes('greeter.greet'))
    await refusal(
      prepare({ modules: ['./plugin.ts'] }),
      'PluginConfigInvalid',
      /plugins\.greeter: .*greeting: is missing/,
    )
  })

  it('can be looked at without opening a plugin', async () => {
    const prepared = await prepare({ modules: ['./plugin.ts', './plain.mjs'], openPlugins: false })
    assert.deepEqual(names(prepared), ['http.request', 'log.write', 'plain.js'])
  })

  it('are refused with the section where the settings are wrong', async () => {
    await refusal(prepare({ plugins: { mail: 'x' } }), 'PluginConfigInvalid', /plugins\.mail: must be a map/)
    await refusal(
      prepare({ plugins: { mail: { smtp: 'x' } } }),
      'PluginConfigInvalid',
      /plugins\.mail: has no `use`/,
    )
    await refusal(prepare({ plugins: { mail: { use: 3 } } }), 'PluginConfigInvalid', /`use` must name/)
    await refusal(
      prepare({ plugins: { mail: { use: './nowhere.ts' } } }),
      'ActivityModuleNotFound',
      /nowhere/,
    )
    await refusal(
      prepare({ plugins: { mail: { use: './plain.mjs' } } }),
      'PluginInvalid',
      /exports no plugin/,
    )
  })

  it('close the plugins again where two have the same name', async () => {
    await refusal(
      prepare({
        given: [{ name: 'greeter.greet', run: () => 1 }],
        plugins: { greetings: { use: './plugin.ts', greeting: 'hello' } },
      }),
      'ActivityDuplicate',
      /given.*plugin "greetings"/,
    )
  })
})
