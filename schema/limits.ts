/**
 * Every limit of the language and its run, by name, with its default. One place; settings may change each one
 * (`limits:` in the settings file, `PERDURE_LIMITS_PAYLOAD_BYTES`), and the error that one raises names it.
 *
 * Those under `run` take part in what a run decides, so the ones that differ from the defaults are recorded in the
 * run's first event: a later change of the settings does not change how an old history folds.
 */
export interface DocumentLimits {
  /** UTF-8 bytes of a document's text. */
  readonly documentBytes: number
  /** Steps in one document, those in nested blocks included. */
  readonly documentSteps: number
  /** Depth of nested maps and lists. */
  readonly documentNesting: number
  /** YAML aliases, counted as the nodes that they stand for. */
  readonly documentAliasNodes: number
  /** Problems reported for one document; what is beyond is counted. */
  readonly documentProblems: number
}

export interface RunLimits {
  /** UTF-8 bytes of one value as JSON: an input, a result, a signal, a query's answer. */
  readonly payloadBytes: number
  /** Items of one `forEach`. */
  readonly forEachItems: number
  /** Items or branches in flight at once. */
  readonly concurrency: number
  /** Rounds of a loop that names no `maxIterations`; changes of state in a row by `next` or `catch` alone. */
  readonly loopIterations: number
  /** Evaluation steps of one expression. */
  readonly expressionSteps: number
  /** Nested evaluations of one expression. */
  readonly expressionDepth: number
  /** Bytes that one expression may build, a text of a template may have, and a variable, as JSON. */
  readonly expressionBytes: number
  /** Steps of a run without waiting before its turn is cut and continued. */
  readonly turnSteps: number
}

/** What its senders are held to: no part in what a run decides, so each node goes by its own settings. */
export interface MessageLimits {
  /**
   * Messages of one run that it has not dealt with: in its inbox, in the buffer of a signal, queued for a handler, in
   * one, held by a pause. A signal or update beyond is refused to its sender; nothing that was accepted is lost.
   */
  readonly pendingMessages: number
}

export interface Limits extends DocumentLimits, RunLimits, MessageLimits {}

export const documentLimits: DocumentLimits = {
  documentBytes: 1024 * 1024,
  documentSteps: 5_000,
  documentNesting: 60,
  documentAliasNodes: 10_000,
  documentProblems: 100,
}

export const runLimits: RunLimits = {
  payloadBytes: 2 * 1024 * 1024,
  forEachItems: 100_000,
  concurrency: 1_000,
  loopIterations: 100_000,
  expressionSteps: 1_000_000,
  expressionDepth: 300,
  expressionBytes: 16 * 1024 * 1024,
  turnSteps: 1_000,
}

/** What Temporal lets one run have of signals in all, so that nobody who comes from there meets it earlier. */
export const messageLimits: MessageLimits = { pendingMessages: 10_000 }

export const defaultLimits: Limits = { ...documentLimits, ...runLimits, ...messageLimits }
