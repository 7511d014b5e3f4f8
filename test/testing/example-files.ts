/** The shared examples that this release can run. They lie beside the checkout: a clone elsewhere does not have them. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const examples = new URL('../../../shared/examples/', import.meta.url)

export const exampleFiles = [
  'document-review/document-review.test.yaml',
  'etl-pipeline/etl-pipeline.test.yaml',
  'fulfilment/fulfilment.test.yaml',
  'hello/hello.test.yaml',
  'order-processing/order-processing.test.yaml',
  'order-states/order-states.test.yaml',
  'subscription/subscription.test.yaml',
  'trip-booking/trip-booking.test.yaml',
  'user-registration/user-registration.test.yaml',
].map((name) => fileURLToPath(new URL(name, examples)))

export const hasExamples = existsSync(fileURLToPath(examples))
