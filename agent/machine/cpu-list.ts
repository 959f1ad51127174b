/**
 * Sets of CPUs as the kernel writes them: `0-3,8`.
 * Source: Documentation/admin-guide/cputopology.rst
 */
import { MalformedFile } from '../read/malformed.ts'

/** More CPUs than a kernel can be built for. */
const MOST_CPUS = 65_536

const RANGE = /^(\d{1,5})(?:-(\d{1,5}))?$/

export function parseCpuList(text: string): number[] {
  const trimmed = text.trim()
  if (trimmed === '') return []
  const cpus = new Set<number>()
  for (const part of trimmed.split(',')) {
    const [, first, last = first] = RANGE.exec(part) ?? []
    if (first === undefined || Number(last) < Number(first) || Number(last) >= MOST_CPUS) {
      throw new MalformedFile('cpu', text, 'a list of CPUs such as `0-3,8`')
    }
    for (let cpu = Number(first); cpu <= Number(last); cpu += 1) cpus.add(cpu)
  }
  return [...cpus]
}
