/** Deployed definitions on a map: `DefinitionStore`. */
import type { DefinitionRecord, DefinitionStore } from '../contract.ts'
import { assertStorableText } from '../storable-text.ts'
import { type MemoryData, pairKey } from './data.ts'

export function memoryDefinitions(data: MemoryData): DefinitionStore {
  return {
    async put(record) {
      for (const text of [record.namespace, record.name, record.version, record.source])
        assertStorableText(text, 'a definition')
      const key = keyOf(record.namespace, record.name, record.version)
      const stored = data.definitions.get(key)
      if (stored !== undefined)
        return { outcome: stored.digest === record.digest ? 'same' : 'conflict', stored }
      data.definitions.set(key, record)
      return { outcome: 'created', stored: record }
    },

    async get(namespace, name, version) {
      return data.definitions.get(keyOf(namespace, name, version)) ?? null
    },

    async list(namespace, name) {
      return [...data.definitions.values()]
        .filter((record) => record.namespace === namespace && (name === undefined || record.name === name))
        .sort((a, b) => compareText(a.name, b.name) || compareText(a.version, b.version))
        .map(({ source: _source, ...rest }: DefinitionRecord) => rest)
    },

    async setDeprecated(namespace, name, version, deprecated) {
      const key = keyOf(namespace, name, version)
      const stored = data.definitions.get(key)
      if (stored === undefined) return false
      data.definitions.set(key, { ...stored, deprecated })
      return true
    },
  }
}

function keyOf(namespace: string, name: string, version: string): string {
  return pairKey(namespace, pairKey(name, version))
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
