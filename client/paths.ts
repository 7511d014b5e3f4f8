/** The paths of the API. Owns how a value becomes a part of one. */

const api = '/api/v1'

export const paths = {
  definitions: `${api}/definitions`,
  validate: `${api}/definitions/validate`,
  versions: (name: string) => `${api}/definitions/${segment(name)}`,
  version: (name: string, version: string) =>
    `${api}/definitions/${segment(name)}/versions/${segment(version)}`,
  resolve: (name: string) => `${api}/definitions/${segment(name)}/resolve`,
  workflows: `${api}/workflows`,
  count: `${api}/workflows/count`,
  execution: (workflowId: string) => `${api}/workflows/${segment(workflowId)}`,
  deliveries: `${api}/event-deliveries`,
  redeliver: (deliveryId: string) => `${api}/event-deliveries/${segment(deliveryId)}/redeliver`,
  ready: '/readyz',
}

function segment(value: string): string {
  if (value === '' || value === '.' || value === '..')
    throw new TypeError(`'${value}' cannot be a part of a path: no execution and no definition is called so`)
  // `/workflows/count` is a route of its own; paths match before they are decoded.
  if (value === 'count') return '%63ount'
  return encodeURIComponent(value)
}
