/**
 * Arguments as people write them, before the parser sees them. Owns one repair: `--activities a.ts order.yaml` would
 * take the document for a module, since the flag takes several; a module is never YAML or JSON.
 */
export function separateModules(args: readonly string[]): readonly string[] {
  const result: string[] = []
  let inModules = false
  for (const [index, argument] of args.entries()) {
    if (argument === '--') return [...result, ...args.slice(index)]
    if (argument === '--activities') {
      inModules = true
    } else if (argument.startsWith('-')) {
      inModules = false
      result.push(argument)
    } else if (inModules && /\.(ya?ml|json)$/.test(argument)) {
      inModules = false
      result.push(argument)
    } else {
      result.push(inModules ? `--activities=${argument}` : argument)
    }
    const last = argument === '--activities' && (args[index + 1] ?? '-').startsWith('-')
    // Without a module: the parser says what is missing.
    if (last) result.push(argument)
  }
  return result
}
