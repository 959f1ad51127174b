/**
 * PHP-FPM: a master, with the children of all its pools.
 * Source: the executable is called by its version on Debian, and holds `PHP/VERSION` on all systems
 */
import type { PlainKind } from './kind.ts'
import { nameOf } from './program.ts'
import { searchExecutable } from './search-executable.ts'

export const phpFpm: PlainKind = {
  foldsChildren: true,
  describe: (program) => ({
    'candor.runtime.name': 'php-fpm',
    'process.runtime.version':
      searchExecutable(program, /PHP\/(\d\.\d{1,2}\.\d{1,3})/) ??
      /^php-fpm(\d\.\d{1,2})$/.exec(nameOf(program.exe))?.[1],
  }),
}
