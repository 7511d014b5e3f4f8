/**
 * What can be wrong with activities and plugins before anything runs: a module that cannot be loaded, a definition
 * that is not one, a plugin that does not start. Owns the catalogue and the exception; the commands that load
 * modules print `message`, which says what, where and what to do.
 */
export const setupErrors = {
  ActivityModuleNotFound: 'a module of activities, or something it imports, does not exist',
  ActivityModuleBroken: 'a module of activities cannot be loaded: a syntax error, or it throws',
  ActivityModuleEmpty: 'a module exports neither an activity nor a plugin',
  ActivityDefinitionInvalid: 'an exported activity is not well formed',
  ActivityDuplicate: 'two activities have the same name and version',
  PluginInvalid: 'what a plugin exports, or gives from its setup, is not well formed',
  PluginConfigInvalid: 'the section of a plugin in the settings does not match its schema',
  PluginSetupFailed: 'a plugin failed to set up',
} as const satisfies { [code: string]: string }

export type SetupErrorCode = keyof typeof setupErrors

export class ActivitySetupError extends Error {
  readonly code: SetupErrorCode

  constructor(code: SetupErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ActivitySetupError'
    this.code = code
  }
}
