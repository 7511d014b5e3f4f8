/**
 * Splits, checks, repairs and loads files of customers. Batches are files and results name them: what goes through a
 * workflow's history is the path of a batch, not its rows.
 */
import { readFile, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ApplicationError, defineActivity } from 'perdure'
import { changeBook, dataPath, writeFileAtomically } from '../data-directory.ts'
import { formatCsv, parseCsv } from './csv.ts'

const columns = ['id', 'name', 'email', 'balance'] as const

const ofBatch = {
  type: 'object',
  required: ['batch'],
  properties: { batch: { type: 'string' } },
} as const

interface OfBatch {
  readonly batch: string
}

export const splitFile = defineActivity({
  name: 'csv.split',
  description: 'Splits a CSV file into batches of rows, each a file of its own.',
  input: {
    type: 'object',
    required: ['file', 'batchSize'],
    properties: { file: { type: 'string' }, batchSize: { type: 'integer', minimum: 1 } },
  },
  async run({ file, batchSize }: { file: string; batchSize: number }, { idempotencyKey, heartbeat, signal }) {
    const records = await readRecords(file)
    const [header, ...rows] = records
    if (header?.join() !== columns.join())
      throw new ApplicationError(`${file}: the header must be ${columns.join(',')}`, {
        type: 'WrongFormat',
        retryable: false,
        details: { header: header ?? null },
      })
    const folder = dataPath('batches', idempotencyKey.replaceAll('/', '-'))
    const batches: { path: string; rows: number }[] = []
    for (let from = 0; from < rows.length; from += batchSize) {
      signal.throwIfAborted()
      const part = rows.slice(from, from + batchSize)
      const path = join(folder, `${batches.length + 1}.csv`)
      await writeFileAtomically(path, formatCsv(part))
      batches.push({ path, rows: part.length })
      heartbeat({ rows: from + part.length })
    }
    return { folder, batches }
  },
})

export const discardBatches = defineActivity({
  name: 'csv.discard',
  description: 'Removes the batches of a file.',
  input: { type: 'object', required: ['folder'], properties: { folder: { type: 'string' } } },
  async run({ folder }: { folder: string }) {
    if (dirname(resolve(folder)) !== dataPath('batches'))
      throw new ApplicationError(`${folder} is no folder of batches`, { type: 'NotABatch', retryable: false })
    await rm(folder, { recursive: true, force: true })
  },
})

interface Customer {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly balance: string
}

/** What is wrong with a customer, and whether `repaired` makes it good. */
function problemOf({ id, email, balance }: Customer): string | null {
  if (!/^c-\d+$/.test(id)) return `${id}: is no id of a customer`
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) return `${id}: ${JSON.stringify(email)} is no address`
  return /^-?\d+(\.\d+)?$/.test(balance) ? null : `${id}: ${JSON.stringify(balance)} is no amount`
}

function repaired({ id, name, email, balance }: Customer): Customer {
  return {
    id: id.trim(),
    name: name.trim(),
    email: email.trim().toLowerCase(),
    balance: balance.trim().replace(/,(?=\d{3})/g, ''),
  }
}

function isTidy(customer: Customer): boolean {
  const tidied = repaired(customer)
  return columns.every((column) => customer[column] === tidied[column])
}

export const checkBatch = defineActivity({
  name: 'customers.check',
  description: 'Says whether a batch is clean, repairable or unusable.',
  input: ofBatch,
  async run({ batch }: OfBatch) {
    const customers = await readCustomers(batch)
    const problems = customers.map(problemOf).filter((problem) => problem !== null)
    if (problems.length === 0 && customers.every(isTidy)) return { verdict: 'clean', problems }
    const lasting = customers.map((one) => problemOf(repaired(one))).filter((problem) => problem !== null)
    return lasting.length === 0
      ? { verdict: 'repairable', problems }
      : { verdict: 'unusable', problems: lasting }
  },
})

export const repairBatch = defineActivity({
  name: 'customers.repair',
  description: 'Writes a repaired copy of a batch.',
  input: ofBatch,
  async run({ batch }: OfBatch) {
    const customers = (await readCustomers(batch)).map(repaired)
    const path = batch.replace(/\.csv$/, '.repaired.csv')
    await writeFileAtomically(path, formatCsv(customers.map((one) => columns.map((column) => one[column]))))
    return { path }
  },
})

interface Customers {
  readonly [loadId: string]: readonly Customer[]
}

export const loadBatch = defineActivity({
  name: 'customers.load',
  description: 'Enters the customers of a batch in the book.',
  input: ofBatch,
  maxConcurrent: 4,
  async run({ batch }: OfBatch, { idempotencyKey }) {
    const customers = await readCustomers(batch)
    return changeBook<Customers, { loadId: string; rows: number }>('customers', {}, (book) => ({
      book: { ...book, [idempotencyKey]: customers },
      answer: { loadId: idempotencyKey, rows: customers.length },
    }))
  },
})

export const unloadBatch = defineActivity({
  name: 'customers.unload',
  description: 'Takes the customers of a load out of the book again.',
  input: { type: 'object', required: ['loadId'], properties: { loadId: { type: 'string' } } },
  run: ({ loadId }: { loadId: string }) =>
    changeBook<Customers, { unloaded: boolean }>('customers', {}, (book) => {
      const { [loadId]: load, ...others } = book
      return { book: others, answer: { unloaded: load !== undefined } }
    }),
})

async function readRecords(file: string): Promise<readonly (readonly string[])[]> {
  try {
    return [...parseCsv(await readFile(file, 'utf8'))]
  } catch (cause) {
    const missing = cause instanceof Error && Reflect.get(cause, 'code') === 'ENOENT'
    throw new ApplicationError(`${file}: ${missing ? 'there is no such file' : String(cause)}`, {
      type: missing ? 'FileNotFound' : 'WrongFormat',
      retryable: false,
      cause,
    })
  }
}

async function readCustomers(batch: string): Promise<readonly Customer[]> {
  return (await readRecords(batch)).map(([id = '', name = '', email = '', balance = '']) => ({
    id,
    name,
    email,
    balance,
  }))
}
