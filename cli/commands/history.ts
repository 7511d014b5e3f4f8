/** `perdure history ID`: every event with its time, its step and what it took. */
import type { Command } from 'commander'
import type { HistoryEventView } from '../../client/index.ts'
import { type CommandLine, ending } from '../command-line.ts'
import { addExecution, type ExecutionOptions } from '../execution-options.ts'
import { exitCodes } from '../failure.ts'
import { Narrator } from '../narration/narrator.ts'
import { paintSentence } from '../narration/sentence-line.ts'
import { connect } from '../server-client.ts'

export function addHistory(program: Command, line: CommandLine): void {
  const command = program.command('history').summary('print the events of an execution')
  addExecution(command).action(
    ending(line, async (id: string, options: ExecutionOptions) => {
      const { terminal } = line
      const handle = (await connect(command, line)).handle(id, options.runId)
      if (options.json) {
        const events: HistoryEventView[] = []
        for await (const event of handle.history()) events.push(event)
        terminal.answerJson({ events, cursor: null })
        return exitCodes.success
      }
      const { answerColours: colours } = terminal
      const narrator = new Narrator()
      for await (const event of handle.history()) {
        const sentence = paintSentence(narrator.tell(event), colours)
        const id = String(event.eventId).padStart(5)
        terminal.answer(
          `${id}  ${colours.faint(event.timestamp)}  ${event.type.padEnd(typeColumns)}  ${sentence}`,
        )
      }
      return exitCodes.success
    }),
  )
}

/** The longest name of an event that is common; a longer one moves its line, not all lines. */
const typeColumns = 'ActivityTaskCancelRequested'.length
