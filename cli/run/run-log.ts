/**
 * What activities log while `run` shows a run: a line of progress each. Owns the layout; what the engine itself has
 * to say to an operator is left out, unless it is a warning or worse.
 */
import type { Log } from '../../engine/index.ts'
import { showValue } from '../narration/sentence.ts'
import type { Terminal } from '../terminal/terminal.ts'

export function runLog(terminal: Terminal): Log {
  const { messageColours: colours } = terminal
  const write = (mark: string) => (fields: object, message: string) => {
    const { step, path, ...rest } = fields as { readonly step?: string; readonly path?: string }
    const own = Object.entries(rest).filter(([name]) => !known.has(name))
    const more = own.length === 0 ? '' : ` ${showValue(JSON.parse(JSON.stringify(Object.fromEntries(own))))}`
    const where = path ?? step
    terminal.message(
      `${' '.repeat(11)}${mark} ${where === undefined ? '' : `${colours.strong(where)}  `}${message}${more}`,
    )
  }
  return {
    debug: () => undefined,
    info: (fields, message) => {
      // The engine logs of itself too; an activity's line names the attempt that it belongs to.
      if ('attempt' in fields || 'activity' in fields) write(colours.faint('i'))(fields, message)
    },
    warn: write(colours.notice('!')),
    error: write(colours.bad('!')),
  }
}

/** Part of every line of an activity, and shown already by the lines of progress. */
const known: ReadonlySet<string> = new Set([
  'namespace',
  'workflowId',
  'runId',
  'workflow',
  'version',
  'activity',
  'activityId',
  'attempt',
  'taskQueue',
  'scheduledAt',
  'startedAt',
])
