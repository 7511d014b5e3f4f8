/**
 * Questions that many ask at one moment go to the store as one. Owns the gathering, for every kind of question: what
 * is asked while a call is under way goes with the next one, so a thousand who wait cost a call, not a thousand.
 */

interface Asked<Q, A> {
  readonly question: Q
  resolve(answer: A): void
  reject(error: unknown): void
}

/** Questions of one call. */
const mostQuestions = 1_000

export class Gathering<Q, A> {
  readonly #askAll: (questions: readonly Q[]) => Promise<readonly A[]>
  #asked: Asked<Q, A>[] = []
  #isAsking = false

  /** `askAll` gives an answer for each question, in their order. */
  constructor(askAll: (questions: readonly Q[]) => Promise<readonly A[]>) {
    this.#askAll = askAll
  }

  /** Rejects as the call does that it went with. */
  ask(question: Q): Promise<A> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ question, resolve, reject })
      if (this.#isAsking) return
      this.#isAsking = true
      setImmediate(() => void this.#askOn())
    })
  }

  async #askOn(): Promise<void> {
    while (this.#asked.length > 0) await this.#askNext(this.#asked.splice(0, mostQuestions))
    this.#isAsking = false
  }

  async #askNext(asked: readonly Asked<Q, A>[]): Promise<void> {
    try {
      const answers = await this.#askAll(asked.map(({ question }) => question))
      asked.forEach(({ resolve, reject }, place) => {
        const answer = answers[place]
        if (answer === undefined) reject(new Error('the store gave no answer to a question'))
        else resolve(answer)
      })
    } catch (thrown) {
      for (const { reject } of asked) reject(thrown)
    }
  }
}
