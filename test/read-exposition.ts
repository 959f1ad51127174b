/** Reads the Prometheus text format strictly enough to compare two pages series by series. */

export interface ReadSeries {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)",?/y

const number = (text: string) =>
  Number(text.replace(/^\+Inf$/, 'Infinity').replace(/^-Inf$/, '-Infinity'))

const unescape = (text: string) => text.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))

/** Series by name and sorted labels; throws on a line that is not of the format, or comes twice. */
export function readExposition(text: string): Map<string, ReadSeries> {
  const all = new Map<string, ReadSeries>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const match = LINE.exec(line)
    if (match === null) throw new Error(`not of the format: ${line}`)
    const [, name = '', inner = '', value = ''] = match
    const labels: Record<string, string> = {}
    let end = 0
    LABEL.lastIndex = 0
    for (let pair = LABEL.exec(inner); pair !== null; pair = LABEL.exec(inner)) {
      labels[pair[1]!] = unescape(pair[2]!)
      end = LABEL.lastIndex
    }
    if (end !== inner.length) throw new Error(`labels are not of the format: ${line}`)
    const key = `${name}{${Object.entries(labels)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([label, text]) => `${label}=${JSON.stringify(text)}`)
      .join(',')}}`
    if (all.has(key)) throw new Error(`comes twice: ${line}`)
    all.set(key, { name, labels, value: number(value) })
  }
  return all
}
