/** Files with a heading `CPU0 CPU1 …` and lines of a name and a count a CPU. */
import { MalformedFile } from '../read/malformed.ts'

export interface CountedLine {
  readonly name: string
  readonly counts: readonly (readonly [cpu: string, count: number])[]
  /** Words after the counts. */
  readonly rest: readonly string[]
}

/** Lines that have fewer counts than there are CPUs are left out. */
export function columnsByCpu(family: string, text: string): CountedLine[] {
  const [heading = '', ...lines] = text.split('\n')
  const cpus = split(heading).map((word) => /^CPU(\d+)$/.exec(word)?.[1])
  if (cpus.length === 0 || cpus.includes(undefined)) {
    throw new MalformedFile(family, heading, 'a heading `CPU0 CPU1 …`')
  }
  return lines.flatMap((line): CountedLine[] => {
    // No blank need stand after the colon: arm64 prints wide numbers close to it.
    const colon = line.indexOf(':')
    const words = split(line.slice(colon + 1))
    if (colon < 0 || words.length < cpus.length) return []
    const counts = cpus.map((cpu, i) => [cpu!, count(family, line, words[i]!)] as const)
    return [{ name: line.slice(0, colon).trim(), counts, rest: words.slice(cpus.length) }]
  })
}

function count(family: string, line: string, text: string): number {
  if (!/^\d{1,20}$/.test(text)) throw new MalformedFile(family, line, 'a count for each CPU')
  return Number(text)
}

const split = (text: string): string[] => text.split(/[ \t]+/).filter((word) => word !== '')
