/**
 * The run's random numbers: a pure generator (sfc32) over four 32-bit numbers that live in the state, and a pure hash of
 * text. Owns both; no randomness of the machine enters. Not for secrets.
 */
export type RandomState = [number, number, number, number]

/** A 32-bit hash (FNV-1a over UTF-16 units, then mixed). Not cryptographic. */
export function hashText(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) | 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193)
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The state that a run begins with, from what names it. */
export function seedFrom(text: string): RandomState {
  const state: RandomState = [hashText(text, 1), hashText(text, 2), hashText(text, 3), 1]
  // sfc32's own advice: mixes the seed well before the first number is used.
  for (let round = 0; round < 12; round++) nextRandom(state)
  return state
}

/** The next number in [0, 1), of 32 bits. Changes the state in place: it belongs to the run's state. */
export function nextRandom(state: RandomState): number {
  const [a, b, c, counter] = state
  const sum = (((a + b) | 0) + counter) | 0
  state[0] = (b ^ (b >>> 9)) >>> 0
  state[1] = (c + (c << 3)) >>> 0
  state[2] = (((c << 21) | (c >>> 11)) + sum) >>> 0
  state[3] = (counter + 1) >>> 0
  return (sum >>> 0) / 0x1_0000_0000
}
