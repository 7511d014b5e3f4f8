/** The named limits of `http.request`. */

/** Bytes of a response (after decompression) where `maxResponseBytes` is not named, and the most that it may name. */
export const httpResponseBytes = 1024 * 1024
export const httpResponseBytesMost = 16 * 1024 * 1024

/** Milliseconds for the whole request where `timeout` is not named. */
export const httpTimeoutMs = 30_000

/** Redirects followed where `followRedirects` is not named, and the most that it may name. */
export const httpRedirects = 5
export const httpRedirectsMost = 20

/** A `Retry-After` beyond this is taken as this: a server's mistake must not park a run for years. */
export const httpRetryAfterMs = 24 * 60 * 60 * 1000

/** Characters of a refused response's body that the error carries. */
export const httpErrorBodyCharacters = 1_000

/** A shorter secret is not searched for in responses: it would match ordinary text. */
export const secretCharacters = 6
