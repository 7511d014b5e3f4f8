/** What is said of timers: the waits of the author, deadlines, pauses before another try. */
import { showDuration } from '../settings/durations.ts'
import type { Sentence, Tellers } from './sentence.ts'
import { type EventOf, showMoment, toMs } from './shown-event.ts'

type Purpose = EventOf<'TimerStarted'>['purpose']

interface Words {
  readonly started: string
  readonly fired: Pick<Sentence, 'mark' | 'mood' | 'text' | 'detail'>
  /** A deadline, which is told when it passes. */
  readonly quiet?: true
}

const words: { readonly [P in Purpose]: Words } = {
  wait: { started: 'waits ', fired: { mark: '✓', mood: 'good', text: 'the wait is over' } },
  atMost: { started: 'waits at most ', fired: { mark: '✓', mood: 'good', text: 'gives up waiting' } },
  timeout: {
    started: 'has a timeout of ',
    fired: { mark: '✗', mood: 'bad', text: 'the timeout passed' },
    quiet: true,
  },
  execution: {
    started: 'the execution may take ',
    fired: { mark: '✗', mood: 'bad', text: "the execution's timeout passed" },
    quiet: true,
  },
  after: {
    started: 'leaves its state by itself in ',
    fired: { mark: '✓', mood: 'good', text: 'its time in this state is over' },
  },
  retry: {
    started: 'is tried again in ',
    fired: { mark: '↻', mood: 'notice', text: 'is tried again', detail: true },
  },
  startDelay: {
    started: 'the start is delayed by ',
    fired: { mark: '✓', mood: 'good', text: 'the delay of the start is over' },
  },
}

/** Timers of the run itself, not of one of its steps. */
function isOfRun(purpose: Purpose): boolean {
  return purpose === 'execution' || purpose === 'startDelay'
}

export const timerTellers = {
  TimerStarted: (event, memory) => {
    memory.timers.set(event.timerId, { path: event.path ?? 'run', purpose: event.purpose })
    const { started, quiet } = words[event.purpose]
    const ms = toMs(event.fireAt) - toMs(event.timestamp)
    return {
      mark: event.purpose === 'retry' ? '↻' : '◷',
      mood: event.purpose === 'retry' ? 'notice' : 'neutral',
      path: isOfRun(event.purpose) ? null : (event.path ?? null),
      text: `${started}${showDuration(ms)}, until ${showMoment(event.fireAt, event.timestamp)}`,
      ...(quiet === undefined ? {} : { detail: quiet }),
    }
  },
  TimerFired: (event, memory) => {
    const timer = memory.timers.get(event.timerId)
    const fired = timer === undefined ? unknownTimer : words[timer.purpose].fired
    return { ...fired, path: timer === undefined || isOfRun(timer.purpose) ? null : timer.path }
  },
  TimerCanceled: (event) => ({
    mark: '·',
    mood: 'neutral',
    path: event.path,
    text: 'the timer is no longer needed',
    detail: true,
  }),
} satisfies Partial<Tellers>

const unknownTimer = { mark: '✓', mood: 'good', text: 'a timer fired' } as const
