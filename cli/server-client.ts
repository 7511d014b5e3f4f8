/**
 * The way of commands to a server: `--server`, `--api-key`, `--namespace` and the client made of them. Owns nothing
 * else; every command that talks to a server goes through here.
 */
import type { Command } from 'commander'
import type { PerdureClient } from '../client/index.ts'
import { addJson, addSettings, type CommandLine, effectiveSettings, serverSettings } from './command-line.ts'

export function addServerOptions(command: Command): Command {
  return addJson(addSettings(command, serverSettings))
}

/** Tries of a request that is safe to repeat: a server that is not there is told within half a second. */
const maximumAttempts = 3

export async function connect(command: Command, line: CommandLine): Promise<PerdureClient> {
  const settings = await effectiveSettings(command, line)
  const { PerdureClient } = await import('../client/index.ts')
  return new PerdureClient({
    server: settings.get('server'),
    apiKey: settings.get('apiKey'),
    namespace: settings.get('namespace'),
    maximumAttempts,
  })
}
