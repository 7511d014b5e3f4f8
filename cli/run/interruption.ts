/**
 * Ctrl-C and SIGTERM. Owns the signal handlers: the first one asks, the second ends the process at once. Called by
 * `run` and `serve`.
 */
import { exitCodes } from '../failure.ts'

/** Resolves `asked` at the first signal. `release` gives the signals back. */
export function onInterruption(): { readonly asked: Promise<NodeJS.Signals>; readonly release: () => void } {
  let tell: (signal: NodeJS.Signals) => void = () => undefined
  const asked = new Promise<NodeJS.Signals>((resolve) => {
    tell = resolve
  })
  let count = 0
  const handler = (signal: NodeJS.Signals) => {
    count++
    if (count > 1) process.exit(signal === 'SIGTERM' ? 143 : exitCodes.interrupted)
    tell(signal)
  }
  process.on('SIGINT', handler)
  process.on('SIGTERM', handler)
  return {
    asked,
    release: () => {
      process.off('SIGINT', handler)
      process.off('SIGTERM', handler)
    },
  }
}
