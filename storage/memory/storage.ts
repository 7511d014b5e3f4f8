/**
 * The in-memory driver: for `run`, `test` and unit tests. Starts at once, answers as the SQL drivers do, keeps
 * nothing when the process ends. Owns the door (`open`, `close`); the families are in the files beside it.
 */
import { type Storage, StorageUnavailableError } from '../contract.ts'
import { commitTurns } from './commit.ts'
import { createMemoryData, type MemoryData } from './data.ts'
import { memoryDefinitions } from './definitions.ts'
import { memoryMessages } from './messages.ts'
import { memoryNodes } from './nodes.ts'
import { memoryOutbox } from './outbox.ts'
import { memoryAttempts, memoryRuns } from './runs.ts'
import { expireRuns, memoryVisibility } from './visibility.ts'

/** A store over `data`; several stores over the same data are several connections to one database. */
export function openMemoryStorage(data: MemoryData = createMemoryData()): Storage {
  let isOpen = false
  const unsubscribe = new Set<() => void>()
  const assertOpen = () => {
    if (!isOpen) throw new StorageUnavailableError('the in-memory store is not open')
  }
  return {
    kind: 'memory',
    async open() {
      isOpen = true
    },
    async close() {
      isOpen = false
      for (const stop of unsubscribe) stop()
      unsubscribe.clear()
    },
    async ping() {
      assertOpen()
    },
    definitions: guarded(memoryDefinitions(data), assertOpen),
    nodes: guarded(memoryNodes(data), assertOpen),
    runs: guarded(memoryRuns(data), assertOpen),
    messages: guarded(memoryMessages(data), assertOpen),
    attempts: guarded(memoryAttempts(data), assertOpen),
    outbox: guarded(memoryOutbox(data), assertOpen),
    visibility: guarded(memoryVisibility(data), assertOpen),
    async commit(node, turns) {
      assertOpen()
      return commitTurns(data, node, turns)
    },
    async expire(closedBefore, limit) {
      assertOpen()
      return expireRuns(data, closedBefore, limit)
    },
    onHint(listener) {
      const stop = data.hints.add(listener)
      unsubscribe.add(stop)
      return () => {
        unsubscribe.delete(stop)
        stop()
      }
    },
  }
}

/** The family while the store is open; every method of it fails once it is closed, as on a lost connection. */
function guarded<Family extends object>(family: Family, assertOpen: () => void): Family {
  return new Proxy(family, {
    get(target, method) {
      assertOpen()
      return Reflect.get(target, method)
    },
  })
}
