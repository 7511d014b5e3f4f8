/** What others use of the server: `cli/` in process. The client takes the types of `api.ts`. */
export { createServer, type PerdureServer } from './create.ts'
export { openApiDocument } from './openapi.ts'
export {
  type ApiKeySetting,
  defaultServerLimits,
  type ServerLimits,
  type ServerOptions,
  ServerSettingsError,
} from './settings.ts'
