/**
 * nginx: a master and its workers, of which `worker_processes auto` makes one a CPU of the machine.
 *
 * Source: the executable holds `nginx/VERSION`; workers are the children of the master. Its helpers for
 *         the cache are children too; they come and go, or are one.
 */
import type { PlainKind } from './kind.ts'
import { nameOf } from './program.ts'
import { searchExecutable } from './search-executable.ts'

export const nginx: PlainKind = {
  foldsChildren: true,
  describe: (program) => ({
    'candor.runtime.name': nameOf(program.exe),
    'process.runtime.version': searchExecutable(program, /nginx\/(\d{1,3}(?:\.\d{1,4}){1,3})/),
  }),
  believes: ({ children }) => ({
    cpus:
      children === 0
        ? undefined
        : { value: children, confidence: 'strong', source: 'worker processes' },
  }),
  isHelper: ({ words }) => words.some((word) => word.startsWith('nginx: cache ')),
}
