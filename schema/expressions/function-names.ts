/**
 * The functions that an expression may call: JSONata's own and ours. Owns the names alone; the test beside it holds the
 * first list equal to the pinned JSONata, `interpreter/expressions/` implements the second.
 */
export const jsonataFunctions: ReadonlySet<string> = new Set(
  (
    'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match ' +
    'contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power ' +
    'random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert ' +
    'type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl eval ' +
    'toMillis fromMillis clone now millis'
  ).split(' '),
)

export const ownFunctions: ReadonlySet<string> = new Set(['uuid', 'addDuration'])

export function isFunctionName(name: string): boolean {
  return jsonataFunctions.has(name) || ownFunctions.has(name)
}
