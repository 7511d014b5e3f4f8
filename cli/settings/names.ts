/**
 * One name in three spellings: `limits.payloadBytes` in the file, `PERDURE_LIMITS_PAYLOAD_BYTES` in the environment,
 * `--limits-payload-bytes` as a flag. Owns the spellings alone.
 */
import type { SettingKey } from './catalogue.ts'

const words = (key: SettingKey): readonly string[] => key.split(/\.|(?=[A-Z])/)

export function environmentName(key: SettingKey): string {
  return `PERDURE_${words(key).join('_').toUpperCase()}`
}

export function flagName(key: SettingKey): string {
  return `--${words(key).join('-').toLowerCase()}`
}

/** The key under which the command line parser keeps the flag's value. */
export function optionName(key: SettingKey): string {
  return key.replace(/\.(.)/g, (_, letter: string) => letter.toUpperCase())
}
