// Compiles the package to dist/ and copies what the compiler does not: SQL, JSON Schema.
// Fails when nothing was compiled, since an empty build looks like a good one.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
if (!existsSync(compiler)) {
  console.error('build: the TypeScript compiler is not installed; run `npm ci` with development dependencies')
  process.exit(existsSync(join(dist, 'cli', 'main.js')) ? 0 : 1)
}
rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
  cwd: root,
})

/** Files that are read at run time beside the module that reads them. */
const assetEndings = ['.sql', '.json']
for (const folder of ['schema', 'storage', 'server']) {
  if (!existsSync(join(root, folder))) continue
  for (const entry of readdirSync(join(root, folder), { recursive: true })) {
    const name = String(entry)
    if (assetEndings.some((ending) => name.endsWith(ending)))
      cpSync(join(root, folder, name), join(dist, folder, name))
  }
}
const compiled = readdirSync(dist, { recursive: true }).filter((name) => String(name).endsWith('.js'))
if (compiled.length === 0) {
  console.error('build: no file was compiled')
  process.exit(1)
}
