/** A setting that is wrong: said all at once, before anything starts. Owns the exception and its wording. */

export interface SettingProblem {
  /** Such as `perdure.config.yaml:3:1`, `PERDURE_PORT` or `--port`. */
  readonly place: string
  readonly message: string
  readonly suggestion?: string
}

export class SettingsError extends Error {
  readonly problems: readonly SettingProblem[]

  constructor(problems: readonly SettingProblem[]) {
    super(problems.map((problem) => `${problem.place}: ${problem.message}`).join('\n'))
    this.name = 'SettingsError'
    this.problems = problems
  }
}
