/** Texts: those of jsonata's functions that build without bound (`$join`, `$pad`, `$string`) or cost much per character. */
import type { BuiltIn, Focus, Implementation } from '../built-in.ts'
import type { Meter } from '../meter.ts'
import { isFunction } from '../result.ts'

/** jsonata makes a list of the characters first. */
const charactersPerStep = 64

function perCharacter(name: string): BuiltIn {
  return {
    make({ original, meter }) {
      const run: (this: Focus, ...args: unknown[]) => unknown = original(name) as never
      const implementation: Implementation = function (this: Focus, text: unknown, ...rest: unknown[]) {
        if (typeof text === 'string') meter.work(Math.ceil(text.length / charactersPerStep))
        return run.call(this, text, ...rest)
      }
      return implementation
    },
  }
}

function join(texts: unknown, separator: unknown, meter: Meter): unknown {
  if (!Array.isArray(texts)) return undefined
  const between = typeof separator === 'string' ? separator : ''
  let length = between.length * Math.max(0, texts.length - 1)
  for (const text of texts) length += String(text).length
  meter.build(length)
  return texts.join(between)
}

/** Width counts code points, as jsonata's; a negative one pads on the left. */
function pad(text: unknown, width: unknown, filler: unknown, meter: Meter): unknown {
  if (typeof text !== 'string' || typeof width !== 'number') return undefined
  meter.work(Math.ceil(text.length / charactersPerStep))
  const missing = Math.abs(Math.trunc(width)) - [...text].length
  if (missing <= 0) return text
  meter.build(text.length + 2 * missing)
  meter.work(Math.ceil(missing / charactersPerStep))
  const characters = typeof filler === 'string' && filler !== '' ? [...filler.slice(0, 2 * missing)] : [' ']
  let padding = characters.join('').repeat(Math.floor(missing / characters.length))
  padding += characters.slice(0, missing % characters.length).join('')
  return width > 0 ? text + padding : padding + text
}

/** Counts a JSON text before jsonata makes it; with `indent` each line costs its depth as well. */
function countJson(value: unknown, meter: Meter, indent: number, depth = 0): void {
  if (typeof value === 'string') meter.build(value.length)
  if (typeof value !== 'object' || value === null || isFunction(value)) return
  meter.deeper(depth)
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  meter.build(members.length * (2 + indent * (depth + 1)))
  for (const member of members) countJson(member, meter, indent, depth + 1)
}

function string(
  value: unknown,
  prettify: unknown,
  run: (value: unknown, prettify: unknown) => unknown,
  meter: Meter,
) {
  if (typeof value === 'object') countJson(value, meter, prettify === true ? 2 : 0)
  return Object.is(value, -0) ? '0' : run(value, prettify ?? false)
}

export const texts: { readonly [name: string]: BuiltIn } = {
  join: {
    make:
      ({ meter }) =>
      (strs: unknown, separator: unknown) =>
        join(strs, separator, meter),
  },
  pad: {
    make:
      ({ meter }) =>
      (str: unknown, width: unknown, char: unknown) =>
        pad(str, width, char, meter),
  },
  string: {
    make: ({ meter, original }) => {
      const run: (value: unknown, prettify: unknown) => unknown = original('string') as never
      return (arg: unknown, prettify: unknown) => string(arg, prettify, run, meter)
    },
  },
  length: perCharacter('length'),
  substring: perCharacter('substring'),
  split: perCharacter('split'),
  trim: perCharacter('trim'),
  lowercase: perCharacter('lowercase'),
  uppercase: perCharacter('uppercase'),
  base64encode: perCharacter('base64encode'),
  base64decode: perCharacter('base64decode'),
  encodeUrl: perCharacter('encodeUrl'),
  encodeUrlComponent: perCharacter('encodeUrlComponent'),
  decodeUrl: perCharacter('decodeUrl'),
  decodeUrlComponent: perCharacter('decodeUrlComponent'),
}
