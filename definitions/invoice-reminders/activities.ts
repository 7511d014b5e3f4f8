/** Invoices in a book and mail in an outbox: one file per message, as a mail server would pick them up. */
import { defineActivity } from 'perdure'
import { changeBook, dataPath, writeFileAtomically } from '../data-directory.ts'

interface Invoices {
  readonly [id: string]: {
    readonly email: string
    readonly amount: number
    readonly state: string
    readonly payments: { readonly [reference: string]: number }
  }
}

const none: Invoices = {}

export const issueInvoice = defineActivity({
  name: 'invoices.issue',
  description: 'Enters an invoice in the book.',
  input: {
    type: 'object',
    required: ['invoiceId', 'email', 'amount'],
    properties: { invoiceId: { type: 'string' }, email: { type: 'string' }, amount: { type: 'number' } },
  },
  run: ({ invoiceId, email, amount }: { invoiceId: string; email: string; amount: number }) =>
    changeBook('invoices', none, (invoices) => ({
      book: {
        ...invoices,
        [invoiceId]: invoices[invoiceId] ?? { email, amount, state: 'open', payments: {} },
      },
      answer: { invoiceId },
    })),
})

export const bookPayment = defineActivity({
  name: 'invoices.book',
  description: 'Books a payment, once for each reference.',
  input: {
    type: 'object',
    required: ['invoiceId', 'amount', 'reference'],
    properties: { invoiceId: { type: 'string' }, amount: { type: 'number' }, reference: { type: 'string' } },
  },
  run: (
    { invoiceId, amount, reference }: { invoiceId: string; amount: number; reference: string },
    { idempotencyKey },
  ) =>
    changeBook('invoices', none, (invoices) => {
      const invoice = invoices[invoiceId] ?? { email: '', amount: 0, state: 'open', payments: {} }
      const key = `${reference} (${idempotencyKey})`
      const bookedBefore = Object.keys(invoice.payments).some(
        (other) => other !== key && other.startsWith(`${reference} (`),
      )
      if (bookedBefore) return { book: invoices, answer: { booked: false } }
      const payments = { ...invoice.payments, [key]: amount }
      return { book: { ...invoices, [invoiceId]: { ...invoice, payments } }, answer: { booked: true } }
    }),
})

export const closeInvoice = defineActivity({
  name: 'invoices.close',
  description: 'Sets the state in which an invoice ends.',
  input: {
    type: 'object',
    required: ['invoiceId', 'state'],
    properties: { invoiceId: { type: 'string' }, state: { enum: ['paid', 'handed over'] } },
  },
  run: ({ invoiceId, state }: { invoiceId: string; state: string }) =>
    changeBook('invoices', none, (invoices) => {
      const invoice = invoices[invoiceId]
      return {
        book: invoice === undefined ? invoices : { ...invoices, [invoiceId]: { ...invoice, state } },
        answer: null,
      }
    }),
})

/** A header of a message is one line. */
const line = { type: 'string', pattern: '^[^\\r\\n]*$' } as const

export const sendMail = defineActivity({
  name: 'mail.send',
  description: 'Puts a message into the outbox, once for each activity.',
  input: {
    type: 'object',
    required: ['to', 'subject', 'text'],
    properties: { to: line, subject: line, text: { type: 'string' } },
  },
  async run(
    { to, subject, text }: { to: string; subject: string; text: string },
    { info, idempotencyKey, log },
  ) {
    const path = dataPath('outbox', `${idempotencyKey.replaceAll('/', '-')}.eml`)
    const head = [`To: ${to}`, `Subject: ${subject}`, `Date: ${info.scheduledAt.toUTCString()}`]
    await writeFileAtomically(path, `${head.join('\n')}\n\n${text}\n`)
    log.info(`mail to ${to}: ${subject}`)
    return { path }
  },
})
