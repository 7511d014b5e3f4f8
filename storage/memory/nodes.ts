/** Nodes on maps: joining, beating, and what becomes of a dead one's runs. */
import type { Instant, NodeId, NodeStore } from '../contract.ts'
import { assertStorableText } from '../storable-text.ts'
import type { MemoryData, MemoryNode } from './data.ts'

export function memoryNodes(data: MemoryData): NodeStore {
  return {
    async join(name, sinks) {
      assertStorableText(name, "a node's name")
      const node = ++data.lastNode
      data.nodes.set(node, { node, name, sinks: sinks ?? null, beats: 0, runs: new Set() })
      return node
    },

    async beat(node) {
      const row = data.nodes.get(node)
      if (row === undefined) return 'fenced'
      row.beats++
      return 'live'
    },

    async observe() {
      return [...data.nodes.values()].map(({ node, beats }) => ({ node, beats }))
    },

    async takeOver(node, beats, now) {
      const row = data.nodes.get(node)
      if (row === undefined || row.beats !== beats) return null
      return handOver(data, row, now, 1)
    },

    async leave(node: NodeId, now: Instant) {
      const row = data.nodes.get(node)
      if (row !== undefined) handOver(data, row, now, 0)
    },
  }
}

function handOver(data: MemoryData, row: MemoryNode, now: Instant, takeovers: number): number {
  const runs = [...row.runs]
  for (const run of runs) {
    run.takeovers += takeovers
    data.setOwner(run, null)
    data.setDue(run, now)
  }
  data.nodes.delete(row.node)
  if (runs.length > 0) data.hints.tell({ kind: 'due' })
  return runs.length
}
