/** What a role may do. `operations/` names the least role of each operation. */
import type { Role } from '../api.ts'
import { RequestError } from '../problems.ts'
import type { Caller } from './keys.ts'

/** Who acts must see what it acts on; a worker sees its tasks alone. */
const implied: { readonly [Given in Role]: readonly Role[] } = {
  reader: ['reader'],
  operator: ['operator', 'reader'],
  author: ['author', 'reader'],
  worker: ['worker'],
  admin: ['admin', 'author', 'operator', 'reader', 'worker'],
}

/** `namespace` is null for what belongs to none. */
export function authorize(caller: Caller, role: Role, namespace: string | null): void {
  if (!caller.roles.some((given) => implied[given].includes(role)))
    throw new RequestError(
      'Forbidden',
      `this needs the role '${role}', which the key '${caller.name}' does not have`,
      {
        suggestion: `its roles are ${caller.roles.join(', ')}`,
      },
    )
  if (namespace !== null && !caller.namespaces.includes('*') && !caller.namespaces.includes(namespace))
    throw new RequestError('Forbidden', `the key '${caller.name}' is not for the namespace '${namespace}'`, {
      suggestion: `its namespaces are ${caller.namespaces.join(', ')}`,
    })
}
