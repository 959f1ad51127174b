/**
 * PostgreSQL: the postmaster, with its backends and helpers as its children.
 * Source: the executable holds `PostgreSQL VERSION`, as `select version()` says it
 */
import type { PlainKind } from './kind.ts'
import { searchExecutable } from './search-executable.ts'

export const postgresql: PlainKind = {
  foldsChildren: true,
  describe: (program) => ({
    'candor.runtime.name': 'postgres',
    'process.runtime.version':
      searchExecutable(program, /PostgreSQL (\d{1,2}(?:\.\d{1,3})?) /) ??
      /\/postgresql\/(\d{1,2}(?:\.\d{1,2})?)\/bin\//.exec(program.exe ?? '')?.[1],
  }),
}
