/**
 * Tells each request when it need not go on: its caller is gone, or the server stops. One controller per request in a
 * set, and not `AbortSignal.any` over a signal that lives as long as the process: Node 20 keeps what is derived from it.
 */
import type { ServerResponse } from 'node:http'

export class OpenRequests {
  readonly #controllers = new Set<AbortController>()
  #stopping = false

  get stopping(): boolean {
    return this.#stopping
  }

  /** Aborted when the response closes or the server stops. */
  begin(response: ServerResponse): AbortSignal {
    const controller = new AbortController()
    if (this.#stopping || response.destroyed) controller.abort()
    this.#controllers.add(controller)
    response.once('close', () => {
      this.#controllers.delete(controller)
      controller.abort()
    })
    return controller.signal
  }

  /** Ends long polls and streams; what does not wait goes on. */
  stop(): void {
    this.#stopping = true
    for (const controller of this.#controllers) controller.abort()
  }
}
