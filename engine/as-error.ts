/** What was thrown, as an error: anything may be thrown, and whoever is told wants a message and a stack. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
