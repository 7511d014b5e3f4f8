/**
 * Stock, payments and labels of a small shop. Each change is written under the idempotency key of its activity, so
 * that a second attempt (after a crash between the writing and its result) finds what the first one did.
 */
import { ApplicationError, defineActivity } from 'perdure'
import { changeBook, dataPath, writeFileAtomically } from '../data-directory.ts'

interface Item {
  readonly sku: string
  readonly qty: number
}

interface Stock {
  readonly levels: { readonly [sku: string]: number }
  readonly reservations: {
    readonly [id: string]: {
      readonly orderId: string
      readonly items: readonly Item[]
      readonly state: 'reserved' | 'released'
    }
  }
}

/** What the shop has on its first day. */
const firstStock: Stock = {
  levels: { 'green-tea': 500, 'blue-mug': 200, 'iron-teapot': 40 },
  reservations: {},
}

const item = {
  type: 'object',
  required: ['sku', 'qty'],
  properties: { sku: { type: 'string' }, qty: { type: 'integer', minimum: 1 } },
} as const

export const reserveStock = defineActivity({
  name: 'stock.reserve',
  description: 'Takes the items of an order from the shelf.',
  input: {
    type: 'object',
    required: ['orderId', 'items'],
    properties: { orderId: { type: 'string' }, items: { type: 'array', minItems: 1, items: item } },
  },
  run: ({ orderId, items }: { orderId: string; items: readonly Item[] }, { idempotencyKey }) =>
    changeBook('stock', firstStock, (stock) => {
      const answer = { reservationId: idempotencyKey }
      if (stock.reservations[idempotencyKey] !== undefined) return { book: stock, answer }
      const levels = { ...stock.levels }
      for (const { sku, qty } of items) {
        const left = levels[sku]
        if (left === undefined)
          throw new ApplicationError(`there is no ${sku} in this shop`, {
            type: 'UnknownItem',
            retryable: false,
            details: { sku },
          })
        if (left < qty)
          throw new ApplicationError(`${qty} of ${sku} are wanted, ${left} are left`, {
            type: 'OutOfStock',
            retryable: false,
            details: { sku, wanted: qty, left },
          })
        levels[sku] = left - qty
      }
      const reservation = { orderId, items, state: 'reserved' as const }
      return {
        book: { levels, reservations: { ...stock.reservations, [idempotencyKey]: reservation } },
        answer,
      }
    }),
})

export const releaseStock = defineActivity({
  name: 'stock.release',
  description: 'Puts the items of a reservation back.',
  input: { type: 'object', required: ['reservationId'], properties: { reservationId: { type: 'string' } } },
  run: ({ reservationId }: { reservationId: string }) =>
    changeBook('stock', firstStock, (stock) => {
      const reservation = stock.reservations[reservationId]
      if (reservation === undefined || reservation.state === 'released')
        return { book: stock, answer: { released: false } }
      const levels = { ...stock.levels }
      for (const { sku, qty } of reservation.items) levels[sku] = (levels[sku] ?? 0) + qty
      const released = { ...reservation, state: 'released' as const }
      return {
        book: { levels, reservations: { ...stock.reservations, [reservationId]: released } },
        answer: { released: true },
      }
    }),
})

interface Payments {
  readonly [id: string]: {
    readonly orderId: string
    readonly amount: number
    readonly state: 'charged' | 'refunded'
  }
}

export const charge = defineActivity({
  name: 'payments.charge',
  description: 'Charges a card by its token. The token `declined` is declined.',
  input: {
    type: 'object',
    required: ['orderId', 'token', 'amount'],
    properties: {
      orderId: { type: 'string' },
      token: { type: 'string' },
      amount: { type: 'number', exclusiveMinimum: 0 },
    },
  },
  async run(
    { orderId, token, amount }: { orderId: string; token: string; amount: number },
    { idempotencyKey },
  ) {
    if (token === 'declined')
      throw new ApplicationError('the card was declined', { type: 'CardDeclined', retryable: false })
    return changeBook<Payments, { paymentId: string }>('payments', {}, (payments) => ({
      book: {
        ...payments,
        [idempotencyKey]: payments[idempotencyKey] ?? { orderId, amount, state: 'charged' },
      },
      answer: { paymentId: idempotencyKey },
    }))
  },
})

export const refund = defineActivity({
  name: 'payments.refund',
  description: 'Gives the money of a payment back.',
  input: { type: 'object', required: ['paymentId'], properties: { paymentId: { type: 'string' } } },
  run: ({ paymentId }: { paymentId: string }) =>
    changeBook<Payments, { refunded: number }>('payments', {}, (payments) => {
      const payment = payments[paymentId]
      if (payment === undefined) return { book: payments, answer: { refunded: 0 } }
      return {
        book: { ...payments, [paymentId]: { ...payment, state: 'refunded' } },
        answer: { refunded: payment.amount },
      }
    }),
})

export const writeLabel = defineActivity({
  name: 'labels.write',
  description: 'Writes the label of a parcel to a file and gives its path.',
  input: {
    type: 'object',
    required: ['orderId', 'tracking', 'address'],
    properties: {
      orderId: { type: 'string' },
      tracking: { type: 'string' },
      address: { type: 'array', items: { type: 'string' } },
    },
  },
  async run({
    orderId,
    tracking,
    address,
  }: {
    orderId: string
    tracking: string
    address: readonly string[]
  }) {
    const path = dataPath('labels', `${encodeURIComponent(orderId)}.txt`)
    await writeFileAtomically(path, `${[...address, '', `Order ${orderId}`, tracking].join('\n')}\n`)
    return { path }
  },
})
