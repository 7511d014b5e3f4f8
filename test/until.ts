/**
 * Waits of tests: for what happens, never for time to pass. Owns the one bound there is, which only says that it will not
 * happen any more; how fast a machine is must decide nothing.
 */
import assert from 'node:assert/strict'

/**
 * Resolves when `condition` holds, looked at after each round of the event loop; fails after `ms`, so that a test that
 * has failed leaves no loop behind.
 */
export async function until(condition: () => boolean | Promise<boolean>, ms = 50_000): Promise<void> {
  const end = performance.now() + ms
  while (!(await condition())) {
    assert.ok(performance.now() < end, 'it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
