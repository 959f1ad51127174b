/**
 * Go: a program that carries what it was built of, and two variables that bound it.
 *
 * Source: debug/buildinfo; GOMAXPROCS and GOMEMLIMIT of package runtime. A program may set both itself,
 *         which cannot be seen from outside; that it links a module that does is told.
 */
import { goModules, goSettings } from '../../catalog/runtime-setting.ts'
import { readElf } from './elf.ts'
import { type GoBuild, readGoBuild } from './go-build-info.ts'
import type { Facts, PlainKind, Signs } from './kind.ts'
import { lineOf } from './printable.ts'
import { nameOf } from './program.ts'
import { asLines } from './settings.ts'

export const go: PlainKind = {
  describe: (program) => ({
    'candor.runtime.name': lineOf(nameOf(program.exe)),
    ...ofBuild(program.look((readAt) => readGoBuild(readAt, readElf(readAt)))),
  }),
  believes: ({ program: { environment } }: Signs) => {
    const cpus = wholeOf(environment?.get('GOMAXPROCS'))
    const memory = goBytes(environment?.get('GOMEMLIMIT'))
    return {
      cpus:
        cpus === undefined ? undefined : { value: cpus, confidence: 'exact', source: 'GOMAXPROCS' },
      memory:
        memory === undefined
          ? undefined
          : { value: memory, confidence: 'exact', source: 'GOMEMLIMIT' },
    }
  },
}

function ofBuild(build: GoBuild | undefined): Facts {
  if (build === undefined) return {}
  const { version, modules } = build
  const lines = modules === undefined ? undefined : asLines(allowed(modules))
  return {
    'process.runtime.version': lineOf(version.replace(/^go/, '')),
    'candor.runtime.build': lines,
  }
}

/** `mod` says that the modules are known: a program that was built without them may hold any. */
function allowed({
  path,
  main,
  dependencies,
  settings,
}: NonNullable<GoBuild['modules']>): string[] {
  const pairs: (readonly [string, string | undefined])[] = [
    ['path', path],
    ['mod', main],
    ...goSettings.map((name) => [name, settings.get(name)] as const),
    ...goModules.map((name) => [name, dependencies.get(name)] as const),
  ]
  return pairs.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${lineOf(value) ?? ''}`],
  )
}

/** Go leaves a value aside that is no whole number above 0. */
function wholeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\+?\d{1,6}$/.test(text) && Number(text) > 0
    ? Number(text)
    : undefined
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

/** `750MiB` in bytes; `off`, which is the default, is no limit. */
function goBytes(text: string | undefined): number | undefined {
  const [, number, unit = ''] = /^(\d{1,18})([A-Za-z]*)$/.exec(text ?? '') ?? []
  const factor = UNITS[unit]
  return number === undefined || factor === undefined ? undefined : Number(number) * factor
}
