/** A sentence as one line: when (since the start), a mark, the step, what happened. Owns the layout alone. */
import type { Palette } from '../terminal/palette.ts'
import type { Sentence } from './sentence.ts'
import { type Moment, toMs } from './shown-event.ts'

export function sentenceLine(
  sentence: Sentence,
  timestamp: Moment,
  startedAtMs: number | null,
  colours: Palette,
): string {
  const since = startedAtMs === null ? '' : offset(Math.max(0, toMs(timestamp) - startedAtMs))
  return `${colours.faint(since.padStart(10))} ${paintSentence(sentence, colours)}`
}

export function paintSentence(sentence: Sentence, colours: Palette): string {
  const paint = {
    good: colours.good,
    bad: colours.bad,
    notice: colours.notice,
    neutral: (text: string) => text,
  }[sentence.mood]
  const step = sentence.path === null ? '' : `${colours.strong(sentence.path)}  `
  return `${paint(sentence.mark)} ${step}${sentence.text}`
}

/** `+0.012s` up to a minute, then `+2m05s`, `+3h20m`, `+4d02h`: of equal width for most runs. */
function offset(ms: number): string {
  if (ms < 60_000) return `+${(ms / 1_000).toFixed(3)}s`
  const seconds = Math.floor(ms / 1_000)
  const two = (amount: number) => String(amount).padStart(2, '0')
  if (seconds < 3_600) return `+${Math.floor(seconds / 60)}m${two(seconds % 60)}s`
  if (seconds < 86_400) return `+${Math.floor(seconds / 3_600)}h${two(Math.floor(seconds / 60) % 60)}m`
  return `+${Math.floor(seconds / 86_400)}d${two(Math.floor(seconds / 3_600) % 24)}h`
}
