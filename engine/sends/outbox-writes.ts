/** From `EventEmitted` to rows of the outbox: one CloudEvent (1.0, JSON) for each sink that wants it. Pure. */
import type { EventEmitted } from '../../interpreter/events.ts'
import type { OutboxWrite } from '../../storage/contract.ts'
import { type WholeSink, wants } from '../outbox/event-sinks.ts'
import type { RunIdentity } from '../runs/run-activities.ts'

/** `eventId` is the event's own; with the run's id it is the id that sinks know the event by, however often it comes. */
export function outboxWrites(
  run: RunIdentity,
  event: EventEmitted,
  eventId: number,
  sinks: readonly WholeSink[],
  dueAt: number,
): readonly OutboxWrite[] {
  const wanted = sinks.filter((sink) => wants(sink, event.eventType))
  if (wanted.length === 0) return []
  const id = `${run.runId}/${eventId}`
  const text = JSON.stringify({
    specversion: '1.0',
    id,
    source: `/perdure/${encodeURIComponent(run.namespace)}/workflows/${encodeURIComponent(run.workflowId)}`,
    type: event.eventType,
    ...(event.subject !== undefined && { subject: event.subject }),
    time: new Date(event.timestamp).toISOString(),
    datacontenttype: 'application/json',
    data: event.data,
    // Extension attributes are lower-case letters and digits alone.
    perdurerunid: run.runId,
  })
  return wanted.map(({ name }) => ({
    key: `${id}/${name}`,
    sink: name,
    namespace: run.namespace,
    event: text,
    dueAt,
  }))
}
