/**
 * What all commands share: where they leave their exit code, which settings they take as flags, and the effective
 * settings. Owns no command. Called by every file of `commands/`.
 */
import { type Command, Option } from 'commander'
import { type ExitCode, exitCodes } from './failure.ts'
import { type SettingKey, settingOf, settings } from './settings/catalogue.ts'
import { flagName, optionName } from './settings/names.ts'
import { type EffectiveSettings, type FlagValues, resolveSettings } from './settings/resolve.ts'
import type { Terminal } from './terminal/terminal.ts'

export interface CommandLine {
  readonly terminal: Terminal
  /** Left by the command that ran. */
  exitCode: ExitCode
  /**
   * Errors that nobody awaits, such as a rejected promise that an activity forgot. Set by commands that run
   * activities and must stay up; without it they end the process.
   */
  onStrayError?: (error: unknown) => void
}

export const serverSettings = ['server', 'apiKey', 'namespace'] as const satisfies readonly SettingKey[]

/** Limits are accepted wherever documents are read, but a help text with all of them would hide the rest. */
export const limitSettings: readonly SettingKey[] = [...settings.keys()].filter((key) =>
  key.startsWith('limits.'),
)

/**
 * Adds the flags of these settings; the second list is accepted without being shown in `--help`. `words`: what a command
 * says in its help instead of the description and the default, where they mean something else to it.
 */
export function addSettings(
  command: Command,
  shown: readonly SettingKey[],
  accepted: readonly SettingKey[] = [],
  words: { readonly [K in SettingKey]?: string } = {},
): Command {
  for (const key of [...shown, ...accepted]) {
    const { description, placeholder, kind, default: fallback } = settingOf(key)
    const value = kind.kind === 'texts' ? `<${placeholder}...>` : `<${placeholder}>`
    const suffix = fallback === undefined ? '' : ` (default: ${fallback})`
    const option = new Option(`${flagName(key)} ${value}`, words[key] ?? plainText(description) + suffix)
    command.addOption(shown.includes(key) ? option : option.hideHelp())
  }
  return command
}

/** Adds `--json`. */
export function addJson(command: Command): Command {
  return command.option('--json', 'print one JSON value on standard output')
}

/** Throws `SettingsError`; warnings are told at once. */
export async function effectiveSettings(command: Command, line: CommandLine): Promise<EffectiveSettings> {
  const { terminal } = line
  const effective = await resolveSettings({
    flags: flagValues(command),
    environment: terminal.environment,
    directory: terminal.directory,
  })
  for (const warning of effective.warnings) {
    const suggestion = warning.suggestion === undefined ? '' : `; ${warning.suggestion}`
    terminal.message(
      `${terminal.messageColours.notice('warning')}: ${warning.place}: ${warning.message}${suggestion}`,
    )
  }
  return effective
}

/** Runs a command's body and keeps its exit code. */
export function ending<A extends readonly unknown[]>(
  line: CommandLine,
  body: (...args: A) => Promise<ExitCode>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    line.exitCode = exitCodes.success
    line.exitCode = await body(...args)
  }
}

function flagValues(command: Command): FlagValues {
  const given = new Map<SettingKey, string | readonly string[]>()
  for (const key of settings.keys()) {
    const name = optionName(key)
    if (command.getOptionValueSource(name) === 'cli') given.set(key, command.getOptionValue(name))
  }
  return given
}

const plainText = (markdown: string) => markdown.replaceAll('`', '').replace(/\.$/, '')
