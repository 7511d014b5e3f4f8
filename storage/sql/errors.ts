/**
 * What an SQLSTATE means to the engine: a value that cannot be stored (bisect the batch), a database that cannot
 * answer now (load again, try later), or a bug (as it is).
 */
import { StorageDataError, StorageUnavailableError } from '../contract.ts'

/** 22 data exception; 54 program limit exceeded, such as an id too long for an index. */
const dataClasses = ['22', '54']
/** 08 connection; 53 out of resources; 57 operator intervention, a statement timeout among them; 40 deadlock, serialization. */
const unavailableClasses = ['08', '53', '57', '40']
/** Read-only (a standby after a failover); lock timeout. */
const unavailableStates = ['25006', '55P03']

/** `sqlState` undefined: the failure is the client's, so the connection's. */
export function storageError(sqlState: string | undefined, message: string, cause: unknown): Error | null {
  if (sqlState === undefined) return new StorageUnavailableError(message, { cause })
  const family = sqlState.slice(0, 2)
  if (dataClasses.includes(family)) return new StorageDataError(message, { cause })
  if (unavailableClasses.includes(family) || unavailableStates.includes(sqlState))
    return new StorageUnavailableError(message, { cause })
  return null
}
