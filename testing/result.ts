/** What came of a scenario, as reports show it. Owns the shapes alone. */
import type { Json } from '../engine/index.ts'
import type { CrashPoint } from './store-life.ts'

export interface FilePlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Failure {
  /** What differs, such as `expect.result.tracking`. */
  readonly message: string
  /** In the scenario file. */
  readonly place: FilePlace
  /** In the document: the step that it is about. */
  readonly documentPlace: (FilePlace & { readonly step: string }) | null
  /** Both absent where there is nothing to compare. */
  readonly expected?: Json
  /** Null with `gotNothing` where nothing is there. */
  readonly got?: Json
  readonly gotNothing?: true
  /** The crash after which it differs; absent in the run without one. */
  readonly crash?: CrashPoint
}

export interface ScenarioResult {
  readonly file: string
  readonly name: string
  readonly place: FilePlace
  readonly passed: boolean
  readonly failures: readonly Failure[]
  /** Runs with a crash that were tried beside the plain one. */
  readonly crashes: number
  /** Milliseconds that it took here. */
  readonly tookMs: number
  /** Milliseconds of virtual time from start to close; null where the run did not close. */
  readonly virtualMs: number | null
}
