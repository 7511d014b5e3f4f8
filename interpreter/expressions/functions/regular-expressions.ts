/**
 * Regular expressions by `re2js`, in time linear in the text: look-around and back-references are refused. Owns the
 * matcher that jsonata's `$match`, `$replace`, `$split` and `$contains` call, and the count of every character that the
 * engine looks at: to find all matches it may look at the same text again for each.
 */
import { RE2JS } from 're2js'
import { Fault } from '../../errors/fault.ts'
import type { BuiltIn, BuiltInContext } from '../built-in.ts'
import type { Meter } from '../meter.ts'
import { internal } from '../rewrite.ts'
import { CountedText } from './counted-text.ts'

/** A step is about as long as so many characters in one instruction of the engine's program. */
const instructionsPerCharacter = 12

type Program = ReturnType<RE2JS['re2']>

/** JSONata's contract of a matcher. */
interface Match {
  readonly match: string
  readonly start: number
  readonly end: number
  readonly groups: (string | undefined)[]
  next(): Match | undefined
}

function compile(pattern: RegExp): Program {
  let flags = 0
  if (pattern.ignoreCase) flags |= RE2JS.CASE_INSENSITIVE
  if (pattern.multiline) flags |= RE2JS.MULTILINE
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern.source), flags).re2()
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new Fault({
      type: 'ExpressionError',
      message: `the regular expression /${pattern.source}/ cannot run in linear time (look-around and back-references are refused): ${reason}`,
      retryable: false,
    })
  }
}

function matcher(program: Program, pattern: RegExp, meter: Meter): (text: unknown) => Match | undefined {
  const costPerCharacter = Math.max(1, program.numberOfInstructions() / 8) / instructionsPerCharacter
  const groupCount = program.numberOfCapturingGroups()

  function find(text: string, counted: CountedText, from: number): Match | undefined {
    meter.work(1)
    const bounds: readonly number[] | null = program.executeEngine(
      counted,
      from,
      RE2JS_UNANCHORED,
      2 * (groupCount + 1),
    )
    if (bounds === null) return undefined
    const start = bounds[0] ?? 0
    const end = bounds[1] ?? start
    const groups: (string | undefined)[] = []
    for (let group = 1; group <= groupCount; group++) {
      const groupStart = bounds[2 * group] ?? -1
      groups.push(groupStart < 0 ? undefined : text.slice(groupStart, bounds[2 * group + 1]))
    }
    return {
      match: text.slice(start, end),
      start,
      end,
      groups,
      next() {
        if (end >= text.length) return undefined
        const next = find(text, counted, end)
        // As jsonata: matches of nothing would never get on.
        if (next?.match === '') throw { code: 'D1004', value: pattern.source }
        return next
      },
    }
  }

  return (text) => {
    if (typeof text !== 'string') throw { code: 'T0410', index: 1, token: 'the matcher' }
    return find(text, new CountedText(text, costPerCharacter, meter), 0)
  }
}

/** re2js's own number for a search that may begin anywhere. */
const RE2JS_UNANCHORED = 0

export const regularExpressions: { readonly [name: string]: BuiltIn } = {
  [internal.pattern]: {
    make({ patterns, meter }: BuiltInContext) {
      const programs: Program[] = []
      return (index: number) => {
        const pattern = patterns[index]
        if (pattern === undefined) throw new Error(`no regular expression ${index}`)
        const program = programs[index] ?? compile(pattern)
        programs[index] = program
        return matcher(program, pattern, meter)
      }
    },
  },
}
