/** Numbers: `$random`, `$uuid`, `$max`, `$min` (jsonata's fail on long lists), and the pictures of `$formatNumber`. */
import type { BuiltIn, Focus, Implementation } from '../built-in.ts'

/** jsonata writes a picture's groups in time that grows with its square. */
const pictureCharacters = 500
const romanMaximum = 100_000

/** jsonata's own function, with the length of its texts bounded. */
function bounded(name: string): BuiltIn {
  return {
    make({ original }) {
      const run: (this: Focus, ...args: unknown[]) => unknown = original(name) as never
      const implementation: Implementation = function (this: Focus, ...args: unknown[]) {
        const [value, picture, options] = args
        const texts = typeof options === 'object' && options !== null ? Object.values(options) : [options]
        if (name === 'parseInteger') texts.push(value)
        for (const text of [picture, ...texts]) {
          if (typeof text === 'string' && text.length > pictureCharacters) {
            throw {
              message: `$${name} takes pictures and options of at most ${pictureCharacters} characters`,
            }
          }
        }
        const roman = typeof picture === 'string' && /i/i.test(picture)
        if (
          name === 'formatInteger' &&
          roman &&
          typeof value === 'number' &&
          Math.abs(value) > romanMaximum
        ) {
          throw { message: `$formatInteger writes Roman numbers up to ${romanMaximum}` }
        }
        return run.apply(this, args)
      }
      return implementation
    },
  }
}

function extreme(values: unknown, better: (a: number, b: number) => number): unknown {
  if (!Array.isArray(values) || values.length === 0) return undefined
  let found: number = values[0]
  for (const value of values) found = better(found, value)
  return found
}

const hexadecimal = '0123456789abcdef'

/** Version 4, from the run's generator. */
function uuid(random: () => number): string {
  let text = ''
  for (let index = 0; index < 32; index++) {
    if (index === 8 || index === 12 || index === 16 || index === 20) text += '-'
    const digit = Math.floor(random() * 16)
    text += index === 12 ? '4' : hexadecimal[index === 16 ? (digit & 3) | 8 : digit]
  }
  return text
}

export const numbers: { readonly [name: string]: BuiltIn } = {
  random: {
    make:
      ({ meter }) =>
      () =>
        meter.random(),
  },
  uuid: {
    signature: '<:s>',
    make:
      ({ meter }) =>
      () =>
        uuid(() => meter.random()),
  },
  max: { make: () => (values: unknown) => extreme(values, Math.max) },
  min: { make: () => (values: unknown) => extreme(values, Math.min) },
  formatNumber: bounded('formatNumber'),
  formatInteger: bounded('formatInteger'),
  parseInteger: bounded('parseInteger'),
}
