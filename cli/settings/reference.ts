/**
 * docs/settings.md, made from the catalogue. Owns its text; `test/cli/settings/reference.test.ts` holds the
 * file equal to this, and rewrites it when it is asked to.
 */
import { type SettingKey, settings } from './catalogue.ts'
import { otherVariables } from './environment.ts'
import { kindInWords } from './kinds.ts'
import { environmentName, flagName } from './names.ts'

export function settingsReference(): string {
  return [
    '# Settings',
    '',
    'Every setting has one name in three spellings: a key of the settings file (`perdure.config.yaml`, `.json`, `.ts` or `.js` in the working directory), an environment variable, and a flag.',
    'A flag wins over the environment, that over the file, that over the default. `perdure config` prints what is in force and where each value came from.',
    '',
    'Values that are lists are separated by commas in the environment and repeated as flags; maps are written as JSON there. A key that the file has and this page has not is an error; so is a value of the wrong kind.',
    'Flags that concern a command are shown by its `--help`; the others of this table are accepted too, where the setting takes part in what the command does.',
    '',
    '| key | environment | flag | value | default | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...[...settings.keys()].map(row),
    '',
    'Other variables:',
    '',
    ...Object.entries(otherVariables).map(([name, meaning]) => `- \`${name}\` ${meaning}`),
    '- `PERDURE_SECRET_<NAME>` a secret that `http.request` or an event sink puts into a header; it never reaches a history.',
    '- `NO_COLOR` anything: no colours, also on a terminal.',
    '',
    'A file with some of them:',
    '',
    '```yaml',
    '# perdure.config.yaml',
    'databaseUrl: postgres://perdure@localhost/perdure',
    'port: 7400',
    'activities: [ ./activities/index.ts ]',
    'retention: 7d',
    'limits:',
    '  payloadBytes: 4194304',
    'plugins:',
    '  mail: { use: ./plugins/mail.ts, smtp: "smtp://localhost" }',
    'eventSinks:',
    '  audit:',
    '    url: https://audit.example.com/events',
    '    types: [ order.* ]',
    '    headers: { authorization: { secret: AUDIT, prefix: "Bearer " } }   # PERDURE_SECRET_AUDIT',
    '    timeout: 5s',
    '    retry: { maximumAttempts: 10, initialInterval: 1s, maximumInterval: 5m }',
    '```',
    '',
  ].join('\n')
}

function row(key: SettingKey): string {
  const setting = settings.get(key)
  if (setting === undefined) return ''
  const value = kindInWords(setting.kind).replaceAll('|', '\\|')
  const marks = [setting.secret ? 'Shown masked.' : '', setting.planned ? 'Not supported yet.' : '']
  const text = [setting.description, ...marks].filter((part) => part !== '').join(' ')
  const fallback = setting.default === undefined ? '' : `\`${setting.default}\``
  return `| \`${key}\` | \`${environmentName(key)}\` | \`${flagName(key)}\` | ${value} | ${fallback} | ${text} |`
}
