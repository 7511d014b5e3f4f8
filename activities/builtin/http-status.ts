/** What a status means: whether it is the expected one, whether another attempt makes sense, and when. Pure. */
import { httpRetryAfterMs } from './limits.ts'

export function isExpected(status: number, expected: readonly (number | string)[]): boolean {
  return expected.some((one) =>
    typeof one === 'number' ? one === status : one.charAt(0) === String(Math.floor(status / 100)),
  )
}

/** 408 Request Timeout, 425 Too Early, 429 Too Many Requests and the server's own failures; 501 and 505 do not pass by waiting. */
export function isRetryable(status: number): boolean {
  return (
    status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505)
  )
}

export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

/** `Retry-After`, as seconds or as a date, in milliseconds from `now`. Undefined where it is absent or neither. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (text === '') return undefined
  const delay = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(delay) ? undefined : Math.min(Math.max(0, delay), httpRetryAfterMs)
}
