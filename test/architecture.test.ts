/**
 * Holds the directions of imports (docs/architecture.md) and what the pure folders may touch.
 * Fails when it saw no file: a checker that reads nothing would report success.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

interface Rule {
  /** Folders whose values and types may be imported. */
  readonly values: readonly string[]
  /** Folders whose types alone may be imported. */
  readonly types?: readonly string[]
}

const rules: { readonly [folder: string]: Rule } = {
  schema: { values: [] },
  interpreter: { values: ['schema'] },
  storage: { values: [], types: ['interpreter', 'schema'] },
  activities: { values: [], types: ['interpreter', 'schema'] },
  engine: { values: ['schema', 'interpreter', 'storage', 'activities'] },
  server: { values: ['engine'] },
  client: { values: [], types: ['server'] },
  testing: { values: ['engine'] },
  cli: { values: ['client', 'schema', 'engine', 'server', 'testing'] },
}

interface Import {
  readonly file: string
  readonly folder: string
  /** Relative to the root. */
  readonly path: string
  /** Its first folder. */
  readonly target: string
  readonly typeOnly: boolean
}

/** Static imports, re-exports, dynamic imports and `new URL('./x.ts', import.meta.url)`. */
const importPattern =
  /(?:\b(import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?|\bimport\(\s*|new URL\(\s*)['"]([^'"]+)['"]/g

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts') || name.endsWith('.tsx'))
    .map((name) => join(root, folder, name))
}

function importsOf(file: string, folder: string): Import[] {
  const found: Import[] = []
  for (const match of readFileSync(file, 'utf8').matchAll(importPattern)) {
    const specifier = match[3] ?? ''
    if (!specifier.startsWith('.')) continue
    const path = relative(root, resolve(dirname(file), specifier))
    const target = path.split('/')[0] ?? ''
    const typeOnly = match[2] !== undefined
    found.push({ file: relative(root, file), folder, path, target, typeOnly })
  }
  return found
}

const folders = Object.keys(rules)
const files = new Map(folders.map((folder) => [folder, sourceFiles(folder)]))

/** The imports of values between nodes, which `nodeOf` makes of files. */
function valueImports(nodeOf: (file: string) => string): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>()
  for (const [folder, ofFolder] of files)
    for (const file of ofFolder)
      for (const { path, typeOnly } of importsOf(file, folder)) {
        const [from, to] = [nodeOf(relative(root, file)), nodeOf(path)]
        if (!typeOnly && from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to))
      }
  assert.ok(edges.size > 20, 'imports were found')
  return edges
}

/** One circle, if there is one. */
function circleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): string | null {
  const done = new Set<string>()
  const walk = (node: string, trail: readonly string[]): string | null => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node].join(' -> ')
    if (done.has(node)) return null
    for (const target of edges.get(node) ?? []) {
      const circle = walk(target, [...trail, node])
      if (circle !== null) return circle
    }
    done.add(node)
    return null
  }
  for (const node of edges.keys()) {
    const circle = walk(node, [])
    if (circle !== null) return circle
  }
  return null
}

describe('architecture', () => {
  it('sees files and imports in every folder', () => {
    for (const folder of folders)
      assert.ok((files.get(folder) ?? []).length > 0, `no file seen in ${folder}/`)
    const all = folders.flatMap((folder) =>
      (files.get(folder) ?? []).flatMap((file) => importsOf(file, folder)),
    )
    assert.ok(all.length > 200, `only ${all.length} imports seen`)
    assert.ok(all.some((one) => one.typeOnly) && all.some((one) => !one.typeOnly))
  })

  for (const [folder, rule] of Object.entries(rules)) {
    it(`${folder}/ imports only what it may`, () => {
      const wrong = (files.get(folder) ?? [])
        .flatMap((file) => importsOf(file, folder))
        .filter(({ target, typeOnly }) => {
          if (target === folder || rule.values.includes(target)) return false
          return !(typeOnly && (rule.types ?? []).includes(target))
        })
      assert.deepEqual(
        wrong.map((one) => `${one.file} -> ${one.target}${one.typeOnly ? ' (type)' : ''}`),
        [],
      )
    })
  }

  /** What would make a fold depend on the machine: time, chance, the host, what is collected. */
  const banned: readonly (readonly [name: string, pattern: RegExp])[] = [
    ['node: module', /from\s+['"]node:|require\(/],
    ['Buffer', /\bBuffer\b/],
    ['crypto', /\bcrypto\b/],
    ['Date', /\bDate\b(?!:)/],
    ['Math.random', /Math\.random/],
    ['Intl', /\bIntl\b|toLocale/],
    ['timers', /\bset(?:Timeout|Interval|Immediate)\b|queueMicrotask/],
    ['WeakRef', /\bWeakRef\b|FinalizationRegistry/],
    ['process', /\bprocess\./],
    ['performance', /\bperformance\b/],
  ]

  it('interpreter/ touches nothing of the world', () => {
    const wrong: string[] = []
    for (const file of files.get('interpreter') ?? []) {
      const code = withoutCommentsAndStrings(readFileSync(file, 'utf8'))
      for (const [name, pattern] of banned) {
        if (pattern.test(name === 'node: module' ? readFileSync(file, 'utf8') : code))
          wrong.push(`${relative(root, file)}: ${name}`)
      }
    }
    assert.deepEqual(wrong, [])
  })

  it('finds what is banned when it is there', () => {
    assert.ok(
      banned.some(([, pattern]) => pattern.test(withoutCommentsAndStrings('const now = Date.now() // Date'))),
    )
    assert.ok(
      !banned.some(([, pattern]) =>
        pattern.test(withoutCommentsAndStrings("// Date\nconst text = 'Math.random'")),
      ),
    )
  })

  it('SQL stands in storage/ alone', () => {
    const statement = /\b(?:select\s+[\w*].*\bfrom\b|insert\s+into\b|delete\s+from\b|update\s+\w+\s+set\b)/i
    const wrong = folders
      .filter((folder) => folder !== 'storage')
      .flatMap((folder) => files.get(folder) ?? [])
      .filter((file) => statement.test(readFileSync(file, 'utf8').replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')))
    assert.deepEqual(
      wrong.map((file) => relative(root, file)),
      [],
    )
  })

  it('values are imported in no circle of files', () => {
    assert.equal(circleIn(valueImports((file) => file)), null)
  })

  it('finds a circle when there is one', () => {
    const edges = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['b'])],
    ])
    assert.equal(circleIn(edges), 'b -> c -> b')
  })

  it('values are imported in no circle of rooms, which are the sub-folders and the files beside them', () => {
    const room = (file: string) => file.split('/').slice(0, 2).join('/')
    assert.equal(circleIn(valueImports(room)), null)
  })

  it('invariants are cited where docs/invariants.md says that they are kept', () => {
    const rows = readFileSync(join(root, 'docs', 'invariants.md'), 'utf8').match(/^\| I\d+ .*$/gm) ?? []
    assert.equal(rows.length, 10)
    const citing = [...files.values()].flat().concat(sqlFiles())
    for (const row of rows) {
      const [, name = '', , kept = '', tried = ''] = row.split('|')
      const cite = new RegExp(`keeps [I0-9, ]*\\b${name.trim()}\\b`)
      for (const place of pathsIn(kept)) {
        const cited = citing.filter(
          (file) => relative(root, file).startsWith(place) && cite.test(readFileSync(file, 'utf8')),
        )
        assert.ok(cited.length > 0, `${place} does not cite${name}`)
      }
      assert.ok(pathsIn(tried).length > 0, row)
      for (const place of pathsIn(tried)) assert.ok(existsSync(join(root, place)), `${place} is not there`)
    }
  })

  it('docs/architecture.md names files that are there', () => {
    const paths = pathsIn(readFileSync(join(root, 'docs', 'architecture.md'), 'utf8'))
    assert.ok(paths.length > 25)
    assert.deepEqual(
      paths.filter((path) => !existsSync(join(root, path))),
      [],
    )
  })

  it('comments lead to pages that are there', () => {
    const wrong = [...files.values()].flat().flatMap((file) => {
      const pages = readFileSync(file, 'utf8').match(/(?<![\w/.-])(?:[\w-]+\/)*[\w-]+\.md\b/g) ?? []
      return pages
        .filter((page) => !existsSync(join(root, page)))
        .map((page) => `${relative(root, file)}: ${page}`)
    })
    assert.deepEqual(wrong, [])
  })

  it('no file is a god file', () => {
    const long = folders
      .flatMap((folder) => files.get(folder) ?? [])
      .map((file) => ({ file: relative(root, file), lines: readFileSync(file, 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 400)
    assert.deepEqual(long, [])
  })
})

/** Paths in backticks. */
function pathsIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([\w-]+(?:\/[\w.-]*)+)`/g)].map(([, path = '']) => path)
}

function sqlFiles(): string[] {
  const folder = join(root, 'storage', 'sql', 'migrations')
  return readdirSync(folder).map((name) => join(folder, name))
}

function withoutCommentsAndStrings(code: string): string {
  return code
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:])\/\/.*$/gm, '$1')
    .replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, "''")
}
