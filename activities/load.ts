/**
 * Loads modules of activities and plugins: TypeScript through `tsx`, JavaScript as it is, or an npm package. Owns how
 * a module is found and what is said where it cannot be loaded; `module-exports.ts` looks into it. Commands and the
 * embedding API call it with what the user named.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { extname, isAbsolute, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type FoundExports, findExports } from './module-exports.ts'
import { ActivitySetupError } from './setup-error.ts'

/** Loads each module once, in order. Throws `ActivitySetupError` for the first that cannot be. */
export async function loadActivityModules(
  specifiers: readonly string[],
  options: { readonly cwd: string },
): Promise<FoundExports> {
  const activities: FoundExports['activities'][number][] = []
  const plugins: FoundExports['plugins'][number][] = []
  for (const specifier of new Set(specifiers)) {
    const exports = await importModule(specifier, options.cwd)
    const found = findExports(specifier, exports)
    if (found.activities.length + found.plugins.length === 0) throw nothingFound(specifier, exports)
    activities.push(...found.activities)
    plugins.push(...found.plugins)
  }
  return { activities, plugins }
}

const typeScriptEndings = ['.ts', '.mts', '.cts', '.tsx']
const javaScriptEndings = ['.js', '.mjs', '.cjs']
/** What a path without an ending, or a folder, may stand for. */
const candidates = ['', '.ts', '.js', '.mts', '.mjs', '/index.ts', '/index.js', '/index.mjs']

async function importModule(specifier: string, cwd: string): Promise<object> {
  const path = fileOf(specifier, cwd)
  try {
    const loaded: unknown = await (path === null
      ? importThroughTsx(specifier, pathToFileURL(resolve(cwd, 'package.json')).href)
      : importFile(specifier, path))
    return typeof loaded === 'object' && loaded !== null ? loaded : { default: loaded }
  } catch (thrown) {
    throw thrown instanceof ActivitySetupError ? thrown : cannotLoad(specifier, path, cwd, thrown)
  }
}

function importFile(specifier: string, path: string): Promise<unknown> {
  const ending = extname(path)
  const url = pathToFileURL(path).href
  if (typeScriptEndings.includes(ending)) return importThroughTsx(url, import.meta.url)
  if (javaScriptEndings.includes(ending)) return import(url)
  throw new ActivitySetupError(
    'ActivityModuleNotFound',
    `${specifier}: a module of activities ends in ${[...typeScriptEndings, ...javaScriptEndings].join(', ')}`,
  )
}

/** Loaded when it is first needed: a process without TypeScript modules does not start a compiler. */
async function importThroughTsx(specifier: string, parent: string): Promise<unknown> {
  const { tsImport } = await import('tsx/esm/api')
  return tsImport(specifier, parent)
}

/** The file that is meant, or null where a package is. */
function fileOf(specifier: string, cwd: string): string | null {
  const asPath = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(cwd, specifier)
  for (const ending of candidates) {
    const path = `${asPath}${ending}`
    if (existsSync(path) && statSync(path).isFile()) return path
  }
  const meansFile = /^\.{1,2}([/\\]|$)|^file:/.test(specifier) || isAbsolute(specifier)
  const hasEnding = [...typeScriptEndings, ...javaScriptEndings].includes(extname(specifier))
  if (!meansFile && !hasEnding) return null
  throw new ActivitySetupError(
    'ActivityModuleNotFound',
    `${specifier}: there is no such file (looked for ${asPath})`,
  )
}

function cannotLoad(
  specifier: string,
  path: string | null,
  cwd: string,
  thrown: unknown,
): ActivitySetupError {
  const { message, code, place } = readThrown(thrown, path)
  const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
  if (path === null && missing && message.includes(specifier))
    return new ActivitySetupError(
      'ActivityModuleNotFound',
      `${specifier}: neither a file nor an installed package, looked for from ${cwd}; a file is named as ./${specifier}`,
      { cause: thrown },
    )
  return new ActivitySetupError(
    missing ? 'ActivityModuleNotFound' : 'ActivityModuleBroken',
    `${specifier}: cannot be loaded: ${message}${place === null || message.includes(place) ? '' : `\n    at ${place}`}${missing ? notInstalled(message) : ''}`,
    { cause: thrown },
  )
}

/** A program that was called through `npx` is not installed beside the modules that it loads. */
function notInstalled(message: string): string {
  return /['"]perdure['"/]/.test(message)
    ? '\n  install it where the module is (`npm install perdure`), or export plain objects with `name` and `run`'
    : ''
}

/** What was thrown, and where in the user's code: a syntax error has its place in the first line of its stack alone. */
function readThrown(
  thrown: unknown,
  path: string | null,
): { readonly message: string; readonly code: unknown; readonly place: string | null } {
  if (!(thrown instanceof Error)) return { message: String(thrown), code: undefined, place: null }
  const lines = (thrown.stack ?? '').split('\n')
  const first = lines[0] ?? ''
  const syntaxPlace = /^(file:\/\/\S+|\/\S+):(\d+)$/.exec(first)
  const frame = lines.find((line) => path !== null && /^\s+at /.test(line) && line.includes(path))
  const place =
    syntaxPlace !== null
      ? first
      : (frame?.replace(/^\s+at /, '').trim() ??
        (thrown instanceof SyntaxError ? syntaxErrorPlace(path) : null))
  const kind = thrown.name === 'Error' ? '' : `${thrown.name}: `
  return { message: `${kind}${thrown.message}`, code: Reflect.get(thrown, 'code'), place }
}

/** Node keeps the place of a syntax error in JavaScript from its stack; its own check prints it. */
function syntaxErrorPlace(path: string | null): string | null {
  if (path === null) return null
  const { stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8', timeout: 10_000 })
  const [place = ''] = stderr.split('\n')
  return /:\d+$/.test(place) ? place : null
}

function nothingFound(specifier: string, exports: object): ActivitySetupError {
  const names = Object.keys(exports)
  return new ActivitySetupError(
    'ActivityModuleEmpty',
    `${specifier}: exports no activity${names.length === 0 ? ' (nothing at all)' : ` (only ${names.join(', ')})`}; ` +
      'export what `defineActivity` or `definePlugin` gives, or an object with `name` and `run`',
  )
}
