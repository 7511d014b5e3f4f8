/**
 * The activities of the shipped workflows; load them with `--activities definitions/activities.ts`.
 * They do real work: they keep books in files (`data-directory.ts`) and talk to a carrier over HTTP.
 */
export * from './csv-import/activities.ts'
export * from './invoice-reminders/activities.ts'
export * from './order-fulfilment/activities.ts'
export { carrier } from './order-fulfilment/carrier.ts'
