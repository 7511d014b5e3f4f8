/** Answers to messages on maps: `MessageStore.answers`, and the three moments that change a row. */
import type { MessageStore } from '../contract.ts'
import type { MemoryAnswer, MemoryData, MemoryRun } from './data.ts'

export function memoryAnswers(data: MemoryData): MessageStore['answers'] {
  return async (asked) =>
    asked.map(({ firstRunId, messageId }) => {
      const row = data.answers.get(firstRunId)?.get(messageId)
      if (row === undefined) return null
      if (row.answer !== null) return { state: 'answered', answer: row.answer }
      return { state: row.isLost || row.run.parked !== null ? 'lost' : 'pending' }
    })
}

/** False: the message was sent before, and what became of it counts. */
export function mayAsk(data: MemoryData, run: MemoryRun, messageId: string): boolean {
  const row = data.answers.get(run.firstRunId())?.get(messageId)
  return row === undefined || isRefused(row)
}

/** From now on the message is awaited; a refusal of an earlier one is forgotten. */
export function ask(data: MemoryData, run: MemoryRun, messageId: string): void {
  chainOf(data, run).set(messageId, { run, answer: null, isLost: false })
}

/** The first answer stands. */
export function answer(data: MemoryData, run: MemoryRun, messageId: string, text: string): void {
  const chain = chainOf(data, run)
  const row = chain.get(messageId)
  if (row === undefined) chain.set(messageId, { run, answer: text, isLost: false })
  else row.answer ??= text
}

/** At the close of the run. */
export function loseAnswers(data: MemoryData, run: MemoryRun): void {
  for (const row of data.answers.get(run.firstRunId())?.values() ?? [])
    if (row.run === run && row.answer === null) row.isLost = true
}

/** What the runs of a chain answered stays until its last run expires. */
export function forgetAnswers(data: MemoryData, run: MemoryRun): void {
  const chain = data.answers.get(run.firstRunId())
  if (chain === undefined) return
  const isLast = run.status !== 'continuedAsNew'
  for (const [messageId, row] of chain)
    if (isLast || (row.run === run && (row.answer === null || isRefused(row)))) chain.delete(messageId)
  if (chain.size === 0) data.answers.delete(run.firstRunId())
}

function chainOf(data: MemoryData, run: MemoryRun): Map<string, MemoryAnswer> {
  const before = data.answers.get(run.firstRunId())
  if (before !== undefined) return before
  const chain = new Map<string, MemoryAnswer>()
  data.answers.set(run.firstRunId(), chain)
  return chain
}

function isRefused({ answer }: MemoryAnswer): boolean {
  if (answer === null) return false
  const value: unknown = JSON.parse(answer)
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'refused'
}
