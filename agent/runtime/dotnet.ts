/**
 * .NET: its version by the path of its library, its settings beside its assembly, and the heaps of
 * its Server GC by the threads that collect them.
 *
 * Source: libcoreclr.so in maps; NAME.runtimeconfig.json; thread names `.NET Server GC`; DOTNET_…
 *         and COMPlus_… variables, whose numbers are hexadecimal
 */
import { basename, dirname, join } from 'node:path'
import { dotnetSettings, SERVER_GC_THREADS } from '../../catalog/runtime-setting.ts'
import type { Belief, PlainKind, Signs } from './kind.ts'
import { lineOf } from './printable.ts'
import { nameOf, type Program } from './program.ts'
import { asLines } from './settings.ts'

export const dotnet: PlainKind = {
  describe: (program) => ({
    'candor.runtime.name': assemblyOf(program) ?? lineOf(nameOf(program.exe)),
    'process.runtime.version': versionOf(program),
    'candor.runtime.build': settingsOf(program),
  }),
  believes: (signs) => ({
    cpus: setCpus(signs.program) ?? heapThreads(signs),
    memory: hardLimit(signs.program),
  }),
}

const versionOf = ({ maps }: Program): string | undefined =>
  maps.libraries
    .map((path) => /\/Microsoft\.NETCore\.App\/(\d[\w.-]{0,40})\/libcoreclr\.so$/.exec(path)?.[1])
    .find((version) => version !== undefined)

/** `dotnet [options] App.dll`; a program with a starter of its own has the name of that. */
function assemblyOf({ exe, words }: Program): string | undefined {
  if (nameOf(exe) !== 'dotnet') return undefined
  const word = words.slice(1).find((each) => each === 'exec' || each.endsWith('.dll'))
  const dll = word === 'exec' ? words.find((each) => each.endsWith('.dll')) : word
  return dll === undefined ? undefined : lineOf(dll)
}

/** Undefined where no file was found: then its settings are unknown. */
function settingsOf(program: Program): string | undefined {
  const assembly = assemblyOf(program) ?? program.exe
  if (assembly === undefined || !assembly.startsWith('/')) return undefined
  const name = `${basename(assembly).replace(/\.dll$/, '')}.runtimeconfig.json`
  const text = program.readFile(join(dirname(assembly), name))
  return text === undefined ? undefined : parseRuntimeConfig(text)
}

/** `name=value`, one a line, of those that may be told; undefined when it makes no sense. */
export function parseRuntimeConfig(text: string): string | undefined {
  try {
    const config: unknown = JSON.parse(text)
    const options = fieldOf(config, 'runtimeOptions')
    const properties = fieldOf(options, 'configProperties')
    if (typeof options !== 'object' || options === null) return undefined
    return asLines(
      dotnetSettings.flatMap((name) => {
        const value = fieldOf(properties, name)
        return typeof value === 'number' || typeof value === 'boolean' ? [`${name}=${value}`] : []
      }),
    )
  } catch {
    return undefined
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined

const variable = ({ environment }: Program, name: string): string | undefined =>
  environment?.get(`DOTNET_${name}`) ?? environment?.get(`COMPlus_${name}`)

/** DOTNET_PROCESSOR_COUNT alone is decimal. */
function setCpus({ environment }: Program): Belief | undefined {
  const text = environment?.get('DOTNET_PROCESSOR_COUNT') ?? ''
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return value > 0 ? { value, confidence: 'exact', source: 'DOTNET_PROCESSOR_COUNT' } : undefined
}

/** One thread a heap, and one heap a CPU; fewer heaps where their number was set or adapts. */
function heapThreads({ tasks, program }: Signs): Belief | undefined {
  const value = tasks.filter(({ name }) => name === '.NET Server GC').length
  const set = variable(program, 'GCHeapCount') ?? variable(program, 'GCDynamicAdaptationMode')
  if (value === 0 || set !== undefined) return undefined
  return { value, confidence: 'strong', source: SERVER_GC_THREADS }
}

function hardLimit(program: Program): Belief | undefined {
  const text = variable(program, 'GCHeapHardLimit') ?? ''
  const value = /^(?:0x)?[0-9a-f]{1,12}$/i.test(text) ? Number.parseInt(text, 16) : 0
  return value > 0 ? { value, confidence: 'exact', source: 'DOTNET_GCHeapHardLimit' } : undefined
}
