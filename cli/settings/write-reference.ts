/** Writes docs/settings.md: `node --import tsx cli/settings/write-reference.ts`. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { settingsReference } from './reference.ts'

writeFileSync(fileURLToPath(new URL('../../docs/settings.md', import.meta.url)), settingsReference())
