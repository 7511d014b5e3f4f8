/**
 * Every setting: its key, kind, default, and what it is for. One place; the environment variable and the flag are
 * made from the key (`names.ts`), docs/settings.md is held equal to this table by a test, and a limit that is added to
 * `schema/limits.ts` does not compile until it is described here.
 */
import { defaultLimits, type Limits } from '../../schema/limits.ts'
import { checkEventSinks, eventSinksShape } from './event-sinks.ts'
import type { SettingKind, ValueOfKind } from './kinds.ts'
import { checkKeys, checkPlugins } from './structures.ts'

export interface Setting {
  readonly kind: SettingKind
  /** As it would stand in the settings file. Absent: nothing, see the description. */
  readonly default?: string | number
  /** Shown as `***`. */
  readonly secret?: true
  /** Known by name, but an error "not supported yet" when it is given. */
  readonly planned?: true
  readonly description: string
  /** Shown in `--help` as the name of the flag's value. */
  readonly placeholder: string
}

const anyCount = { kind: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER } as const

const general = {
  databaseUrl: {
    kind: { kind: 'url', protocols: ['postgres:', 'postgresql:'] },
    description: 'PostgreSQL to keep everything in. Without it: PGlite in the data directory.',
    placeholder: 'URL',
  },
  dataDir: {
    kind: { kind: 'path' },
    default: '.perdure',
    description: 'Directory of the embedded database (PGlite), used where no database is named.',
    placeholder: 'DIR',
  },
  poolSize: {
    kind: { kind: 'integer', minimum: 2, maximum: 1_000 },
    default: 10,
    description: 'Connections to PostgreSQL, at most.',
    placeholder: 'N',
  },
  host: {
    kind: { kind: 'text' },
    default: '127.0.0.1',
    description: 'Address on which `serve` listens. Other than loopback needs `keys`.',
    placeholder: 'HOST',
  },
  port: {
    kind: { kind: 'integer', minimum: 0, maximum: 65_535 },
    default: 7400,
    description: 'Port on which `serve` listens; 0 takes a free one and prints it.',
    placeholder: 'PORT',
  },
  definitions: {
    kind: { kind: 'path' },
    description:
      'Directory whose documents `serve` deploys when it starts, and from which `run` takes children. Default: `definitions/` where it exists.',
    placeholder: 'DIR',
  },
  activities: {
    kind: { kind: 'texts' },
    description:
      'Modules (TypeScript or JavaScript) that export activities. Default: `activities/index.ts` or `activities/index.js` where it exists.',
    placeholder: 'MODULE',
  },
  plugins: {
    kind: {
      kind: 'structure',
      shape: 'map of name to `{ use: MODULE, …its settings }`',
      check: checkPlugins,
    },
    description: 'Plugins, each with the module that it is loaded from and its own settings.',
    placeholder: 'JSON',
  },
  maxConcurrentActivities: {
    kind: anyCount,
    default: 1_000,
    description: 'Activity attempts that run at once in this process.',
    placeholder: 'N',
  },
  maxLoadedRuns: {
    kind: anyCount,
    default: 20_000,
    description: 'Executions that this node keeps in memory at once.',
    placeholder: 'N',
  },
  shutdownGrace: {
    kind: { kind: 'duration' },
    default: '10s',
    description:
      'How long a stop waits for activities under way; what is left is handed over and runs again.',
    placeholder: 'DURATION',
  },
  retention: {
    kind: { kind: 'duration' },
    default: '30d',
    description: 'How long closed executions are kept; `0s` keeps them for ever.',
    placeholder: 'DURATION',
  },
  leaseTtl: {
    kind: { kind: 'duration' },
    default: '3s',
    description:
      'A node that showed no sign of life for so long is declared dead, and its executions are taken over.',
    placeholder: 'DURATION',
  },
  pollInterval: {
    kind: { kind: 'duration' },
    default: '500ms',
    description: 'How often the database is asked for what no notification told.',
    placeholder: 'DURATION',
  },
  keys: {
    kind: {
      kind: 'structure',
      shape: 'list of `{ name, hash or key, roles, namespaces }`',
      check: checkKeys,
    },
    secret: true,
    description:
      'API keys of the server: `hash` is the SHA-256 of the key in hex, `roles` are `reader`, `operator`, `author`, `worker`, `admin`.',
    placeholder: 'JSON',
  },
  allowedOrigins: {
    kind: { kind: 'texts' },
    description:
      "Origins beside the server's own whose pages may change things, such as `https://ops.example.com`.",
    placeholder: 'ORIGIN',
  },
  issuer: {
    kind: { kind: 'url', protocols: ['https:', 'http:'] },
    planned: true,
    description: 'Issuer of the JSON Web Tokens that the server accepts.',
    placeholder: 'URL',
  },
  eventSinks: {
    kind: { kind: 'structure', shape: eventSinksShape, check: checkEventSinks },
    description:
      'Where the events that workflows emit are sent, as CloudEvents by POST, at least once. Without `types` a sink gets all of them; `headers` are texts or `{ secret: NAME }`, which is `PERDURE_SECRET_NAME`. `perdure run` in memory sends none.',
    placeholder: 'JSON',
  },
  bodyBytes: {
    kind: anyCount,
    description:
      "Bytes of a request's body, after decompression. Default: twice `limits.payloadBytes`, since JSON escapes may double a value.",
    placeholder: 'N',
  },
  bodyNesting: {
    kind: { kind: 'integer', minimum: 1, maximum: 5_000 },
    default: 500,
    description: "Depth of nested maps and lists in a request's body.",
    placeholder: 'N',
  },
  drainNotice: {
    kind: { kind: 'duration' },
    default: '0s',
    description:
      'On a stop: how long `/readyz` says 503 before the listener closes, so that a balancer sees it. Part of `shutdownGrace`.',
    placeholder: 'DURATION',
  },
  logLevel: {
    kind: { kind: 'choice', choices: ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] },
    default: 'info',
    description: 'The least important messages that `serve` still logs.',
    placeholder: 'LEVEL',
  },
  server: {
    kind: { kind: 'url', protocols: ['http:', 'https:'] },
    default: 'http://127.0.0.1:7400',
    description: 'The server that the commands talk to.',
    placeholder: 'URL',
  },
  apiKey: {
    kind: { kind: 'text' },
    secret: true,
    description: 'Key that the commands show to the server.',
    placeholder: 'KEY',
  },
  namespace: {
    kind: { kind: 'text' },
    default: 'default',
    description: 'The namespace that commands work in.',
    placeholder: 'NAME',
  },
} as const satisfies { readonly [key: string]: Setting }

const limitDescriptions: { readonly [K in keyof Limits]: string } = {
  documentBytes: "UTF-8 bytes of a document's text.",
  documentSteps: 'Steps in one document, those in nested blocks included.',
  documentNesting: 'Depth of nested maps and lists in a document.',
  documentAliasNodes: 'YAML aliases, counted as the nodes that they stand for.',
  documentProblems: 'Problems reported for one document.',
  payloadBytes: 'UTF-8 bytes of one value as JSON: an input, a result, a signal.',
  forEachItems: 'Items of one `forEach`.',
  concurrency: 'Items or branches in flight at once.',
  loopIterations:
    'Rounds of a loop that names no `maxIterations`; changes of state in a row by `next` or `catch` alone.',
  expressionSteps: 'Evaluation steps of one expression.',
  expressionDepth: 'Nested evaluations of one expression.',
  expressionBytes: 'Bytes that one expression may build, as JSON.',
  turnSteps: 'Steps of a run without waiting before its turn is cut and continued.',
  pendingMessages: 'Signals and updates of one run that it has accepted and not dealt with.',
}

export type LimitKey = `limits.${keyof Limits}`
type GeneralKey = keyof typeof general
export type SettingKey = GeneralKey | LimitKey

export type ValueOf<K extends SettingKey> = K extends GeneralKey
  ?
      | ValueOfKind<(typeof general)[K]['kind']>
      | ((typeof general)[K] extends { default: unknown } ? never : undefined)
  : number

export const limitNames = Object.keys(limitDescriptions) as readonly (keyof Limits)[]

/** In the order in which they are shown. */
export const settings: ReadonlyMap<SettingKey, Setting> = new Map<SettingKey, Setting>([
  ...(Object.entries(general) as [GeneralKey, Setting][]),
  ...limitNames.map((name): [SettingKey, Setting] => [
    `limits.${name}`,
    {
      kind: anyCount,
      default: defaultLimits[name],
      description: limitDescriptions[name],
      placeholder: 'N',
    },
  ]),
])

export function settingOf(key: SettingKey): Setting {
  const setting = settings.get(key)
  if (setting === undefined) throw new Error(`bug: no setting ${key}`)
  return setting
}

export function isSettingKey(key: string): key is SettingKey {
  return (settings as ReadonlyMap<string, Setting>).has(key)
}
