/**
 * What the CPUs are.
 *
 * Source: /proc/cpuinfo: blocks of `key : value` lines, one a CPU, an empty line between them
 */
import { MalformedFile } from '../read/malformed.ts'

/** Of one CPU: values by key. */
export type CpuInfo = ReadonlyMap<string, string>

const LINE = /^([^:\t]+?)\s*:[ \t]*(.*)$/

export function parseCpuInfo(text: string): CpuInfo[] {
  const cpus = text
    .split(/\n\s*\n/)
    .map((block) => new Map(block.split('\n').flatMap(pair)))
    .filter((cpu) => cpu.has('processor'))
  if (cpus.length === 0) throw new MalformedFile('cpuinfo', text, 'a line `processor : 0`')
  return cpus
}

function pair(line: string): [string, string][] {
  const [, key, value] = LINE.exec(line) ?? []
  return key === undefined ? [] : [[key, value!.trim()]]
}

/** What the first CPU can do, or suffers from; other architectures name it otherwise. */
export const flagsOf = (cpu: CpuInfo): string[] =>
  listOf(cpu.get('flags') ?? cpu.get('Features') ?? '')

export const bugsOf = (cpu: CpuInfo): string[] => listOf(cpu.get('bugs') ?? '')

const listOf = (text: string): string[] => text.split(' ').filter((item) => item !== '')
