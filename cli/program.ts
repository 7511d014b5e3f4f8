/**
 * The command line as a whole: which commands there are, in which groups, and what holds for all of them. Owns the
 * table; a command's options and what it does are in its file of `commands/`. These load what is heavy when they run,
 * so that `--help` and `validate` start at once. Called by `main.ts`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { CommandLine } from './command-line.ts'
import { addConfig } from './commands/config.ts'
import { addNotSupported } from './commands/not-supported.ts'

export function createProgram(line: CommandLine): Command {
  const program = new Command('perdure')
    .description('Durable workflows as versioned YAML.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({
      writeOut: (text) => line.terminal.answer(text.replace(/\n$/, '')),
      writeErr: (text) => line.terminal.message(text.replace(/\n$/, '')),
    })
    .exitOverride()
  program.commandsGroup('Settings:')
  addConfig(program, line)
  addNotSupported(program, line)
  return program
}

/** From source the package's file is one level up, from `dist/` two. */
export function packageVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    const url = new URL(path, import.meta.url)
    if (!existsSync(url)) continue
    const { name, version }: { name?: string; version?: string } = JSON.parse(readFileSync(url, 'utf8'))
    if (name === 'perdure' && version !== undefined) return version
  }
  return '0.0.0'
}
