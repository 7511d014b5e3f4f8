/** What the main thread and the worker that runs PGlite say to each other. Values travel as text, which clones cheaply. */
import type { Parameter, Row } from '../sql/connection.ts'

export interface WorkerSettings {
  /** The cluster's directory, which exists and holds one; null: in memory. */
  readonly clusterDirectory: string | null
}

export type Request =
  | {
      readonly kind: 'query'
      readonly id: number
      readonly name: string
      readonly text: string
      readonly parameters: readonly Parameter[]
    }
  /** One or more statements without parameters. */
  | { readonly kind: 'script'; readonly id: number; readonly text: string }
  | { readonly kind: 'close'; readonly id: number }

export type Response =
  | { readonly kind: 'rows'; readonly id: number; readonly rows: readonly Row[] }
  | {
      readonly kind: 'failed'
      readonly id: number
      readonly message: string
      /** Null: PGlite itself failed, not a statement. */
      readonly sqlState: string | null
    }
  | { readonly kind: 'ready' }
  | { readonly kind: 'broken'; readonly message: string }
