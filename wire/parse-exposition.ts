/**
 * Reads the Prometheus text exposition, version 0.0.4, as strictly as Prometheus does, and says where
 * a page is wrong.
 *
 *   page   = line*
 *   line   = `# HELP ` name ` ` text | `# TYPE ` name ` ` type | `#` comment | sample | empty
 *   sample = name (`{` (label `="` value `"` `,`?)* `}`)? number timestamp?
 *
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 */

export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped'

export interface ParsedSample {
  readonly name: string
  /** Sorted by name; an empty value is no label and is left out. */
  readonly labels: readonly (readonly [label: string, value: string])[]
  readonly value: number
  /** Unix ms, where the page says one. */
  readonly timestampMs?: number
}

/** Samples that belong together: those of a histogram or a summary have suffixes. */
export interface ParsedFamily {
  readonly name: string
  readonly type: FamilyType
  readonly help: string | undefined
  readonly samples: readonly ParsedSample[]
}

export interface ParseLimits {
  readonly samples: number
  readonly labels: number
  readonly labelBytes: number
}

/** `line` counts from 1. */
export class BadExposition extends Error {
  override readonly name = 'BadExposition'
  readonly line: number

  constructor(line: number, what: string) {
    super(`line ${line}: ${what}`)
    this.line = line
  }
}

const TYPES: readonly string[] = ['counter', 'gauge', 'histogram', 'summary', 'untyped']
const SUFFIXES: Readonly<Partial<Record<FamilyType, readonly string[]>>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['_sum', '_count'],
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\[\\"n])*)"[ \t]*/y
const BEHIND = /[ \t]+(\S+)(?:[ \t]+(-?\d+))?[ \t]*$/y
const COMMENT = /^#[ \t]+(HELP|TYPE)[ \t]+(\S+)[ \t]*(.*)$/
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$|^[+-]?0[xX][0-9a-fA-F]+$/

interface OpenFamily {
  readonly name: string
  type: FamilyType
  typed: boolean
  help: string | undefined
  readonly samples: ParsedSample[]
}

/** Families in the order of the page. Throws `BadExposition`. */
export function parseExposition(text: string, limits: ParseLimits): readonly ParsedFamily[] {
  return new Page(limits).read(text)
}

class Page {
  readonly #limits: ParseLimits
  readonly #families = new Map<string, OpenFamily>()
  readonly #seen = new Set<string>()
  #line = 0
  #samples = 0

  constructor(limits: ParseLimits) {
    this.#limits = limits
  }

  read(text: string): readonly ParsedFamily[] {
    for (const line of text.split('\n')) {
      this.#line += 1
      const content = line.endsWith('\r') ? line.slice(0, -1).trimStart() : line.trimStart()
      if (content === '') continue
      if (content.startsWith('#')) this.#comment(content)
      else this.#sample(content)
    }
    return [...this.#families.values()].map(({ name, type, help, samples }) => ({
      name,
      type,
      help,
      samples,
    }))
  }

  #bad(what: string): BadExposition {
    return new BadExposition(this.#line, what)
  }

  #comment(line: string): void {
    const [, keyword, name, rest = ''] = COMMENT.exec(line) ?? []
    if (keyword === undefined || name === undefined) return
    if (matchAt(NAME, name, 0)?.[0] !== name) throw this.#bad(`not a metric name: ${quote(name)}`)
    const family = this.#family(name)
    if (keyword === 'HELP') {
      if (family.help !== undefined) throw this.#bad(`a second HELP of ${name}`)
      family.help = unescapeHelp(rest)
      return
    }
    const type = rest.trim()
    if (!isType(type)) throw this.#bad(`type ${quote(type)}, expected one of ${TYPES.join(', ')}`)
    if (family.typed) throw this.#bad(`a second TYPE of ${name}`)
    if (family.samples.length > 0) throw this.#bad(`TYPE of ${name} behind its samples`)
    family.type = type
    family.typed = true
  }

  #sample(line: string): void {
    const [name] = matchAt(NAME, line, 0) ?? []
    if (name === undefined) throw this.#bad(`a metric name, found ${quote(line)}`)
    const opens = line.slice(name.length).search(/\S/) + name.length
    const { labels, end } =
      line[opens] === '{' ? this.#labels(line, opens + 1) : { labels: [], end: name.length }
    const [, number = '', timestamp] = matchAt(BEHIND, line, end) ?? []
    const value = toNumber(number)
    if (value === undefined) {
      throw this.#bad(
        `expected a number and no more but a timestamp, found ${quote(line.slice(end))}`,
      )
    }
    this.#samples += 1
    if (this.#samples > this.#limits.samples) {
      throw this.#bad(`more than ${this.#limits.samples} samples`)
    }
    const key = seriesKey(name, labels)
    if (this.#seen.has(key)) throw this.#bad(`${key} comes twice`)
    this.#seen.add(key)
    this.#familyOf(name).samples.push({
      name,
      labels,
      value,
      ...(timestamp !== undefined && { timestampMs: Number(timestamp) }),
    })
  }

  /** From behind the brace to behind the closing one. */
  #labels(line: string, start: number): { labels: ParsedSample['labels']; end: number } {
    const labels = new Map<string, string>()
    let at = start
    for (;;) {
      const rest = line.slice(at).search(/[^ \t]/)
      if (rest >= 0 && line[at + rest] === '}') {
        at += rest + 1
        break
      }
      const match = matchAt(LABEL, line, at)
      if (match === null) throw this.#bad(`expected label="value", found ${quote(line.slice(at))}`)
      const [all, label = '', escaped = ''] = match
      const value = unescapeLabel(escaped)
      if (labels.has(label)) throw this.#bad(`label ${label} comes twice`)
      if (labels.size >= this.#limits.labels) {
        throw this.#bad(`more than ${this.#limits.labels} labels`)
      }
      if (Buffer.byteLength(value) > this.#limits.labelBytes) {
        throw this.#bad(`label ${label} is longer than ${this.#limits.labelBytes} bytes`)
      }
      labels.set(label, value)
      at += all.length
      if (line[at] === ',') at += 1
      else if (line[at] !== '}') {
        throw this.#bad(`expected , or } behind label ${label}, found ${quote(line.slice(at))}`)
      }
    }
    return { labels: sortLabels(labels), end: at }
  }

  /** A suffix only counts behind the name of a family that was declared with its type. */
  #familyOf(name: string): OpenFamily {
    for (const [type, suffixes] of Object.entries(SUFFIXES)) {
      for (const suffix of suffixes) {
        if (!name.endsWith(suffix)) continue
        const family = this.#families.get(name.slice(0, -suffix.length))
        if (family?.type === type) return family
      }
    }
    return this.#family(name)
  }

  #family(name: string): OpenFamily {
    let family = this.#families.get(name)
    if (family === undefined) {
      family = { name, type: 'untyped', typed: false, help: undefined, samples: [] }
      this.#families.set(name, family)
    }
    return family
  }
}

/** What tells a series from all others, as it is written. */
export const seriesKey = (name: string, labels: ParsedSample['labels']): string =>
  labels.length === 0
    ? name
    : `${name}{${labels.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(',')}}`

const isType = (text: string): text is FamilyType => TYPES.includes(text)

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

const sortLabels = (labels: ReadonlyMap<string, string>): ParsedSample['labels'] =>
  [...labels].filter(([, value]) => value !== '').toSorted(([a], [b]) => (a < b ? -1 : 1))

const quote = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

const unescapeLabel = (text: string) =>
  text.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))

const unescapeHelp = (text: string) =>
  text.replace(/\\([\\n])/g, (_, c: string) => (c === 'n' ? '\n' : c))

/** Undefined where it is no number; Prometheus reads NaN and infinities in any case. */
function toNumber(text: string): number | undefined {
  switch (text.toLowerCase()) {
    case 'nan':
    case '+nan':
    case '-nan':
      return Number.NaN
    case 'inf':
    case '+inf':
    case 'infinity':
    case '+infinity':
      return Number.POSITIVE_INFINITY
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY
    default:
      return NUMBER.test(text) ? Number(text) : undefined
  }
}
