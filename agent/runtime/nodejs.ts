/**
 * Node.js: its version, its script, and the heap that it was told to take.
 *
 * Source: node_version.h beside it, the ABI number in the name of libnode.so, or the address of its
 *         sources that every build holds; --max-old-space-size counts MiB
 */
import { dirname, join } from 'node:path'
import type { Belief, PlainKind, Signs } from './kind.ts'
import type { Program } from './program.ts'
import { type Interpreter, scriptOf } from './script.ts'
import { searchExecutable } from './search-executable.ts'
import { argumentOf } from './settings.ts'

const MIB = 1 << 20

const NODE: Interpreter = {
  withValue: [
    '-r',
    '--require',
    '--import',
    '--loader',
    '--experimental-loader',
    '-C',
    '--conditions',
    '--env-file',
    '--env-file-if-exists',
    '--title',
    '--input-type',
    '--inspect-port',
    '--max-http-header-size',
    '--diagnostic-dir',
    '--report-dir',
    '--redirect-warnings',
    '--icu-data-dir',
    '--openssl-config',
    '--unhandled-rejections',
    '--dns-result-order',
    '--watch-path',
    '--max-old-space-size-percentage',
  ],
  inline: ['-e', '--eval', '-p', '--print'],
}

export const nodejs: PlainKind = {
  describe: (program) => ({
    'candor.runtime.name': scriptOf(program.words, NODE) ?? 'node',
    'process.runtime.version': versionOf(program),
  }),
  believes: ({ program }: Signs) => ({ memory: heapOf(program) }),
  // The module cluster gives each worker a number; any other child does something of its own.
  isHelper: ({ environment }) => environment?.has('NODE_UNIQUE_ID') !== true,
}

const HEAP = ['--max-old-space-size', '--max_old_space_size'] as const
const SHARE = ['--max-old-space-size-percentage', '--max_old_space_size_percentage'] as const

/** What the command line says wins over NODE_OPTIONS; a share, of a memory not known here, over both. */
function heapOf({ arguments: given = [], environment }: Program): Belief | undefined {
  const options = environment?.get('NODE_OPTIONS')?.split(' ') ?? []
  if (argumentOf([...given, ...options], ...SHARE) !== undefined) return undefined
  const value = Number(argumentOf(given, ...HEAP) ?? argumentOf(options, ...HEAP) ?? Number.NaN)
  return value > 0 && Number.isFinite(value)
    ? { value: value * MIB, confidence: 'exact', source: HEAP[0] }
    : undefined
}

/** Major version by NODE_MODULE_VERSION, which the library carries where it is apart. */
const MAJORS: Readonly<Record<string, string>> = {
  93: '16',
  102: '17',
  108: '18',
  111: '19',
  115: '20',
  120: '21',
  127: '22',
  131: '23',
  137: '24',
  141: '25',
}

function versionOf(program: Program): string | undefined {
  const library = program.maps.libraries.find((path) => path.includes('/libnode.so.'))
  if (library !== undefined) return MAJORS[/\.so\.(\d+)$/.exec(library)?.[1] ?? '']
  return headerVersion(program) ?? searchExecutable(program, SOURCES)
}

/** Official archives and images bring the headers: one small file instead of a search. */
function headerVersion({ exe, readFile }: Program): string | undefined {
  if (exe === undefined) return undefined
  const header = readFile(join(dirname(dirname(exe)), 'include/node/node_version.h'))
  const part = (name: string) =>
    new RegExp(`^#define NODE_${name}_VERSION (\\d+)$`, 'm').exec(header ?? '')?.[1]
  const parts = [part('MAJOR'), part('MINOR'), part('PATCH')]
  return parts.every((each) => each !== undefined) ? parts.join('.') : undefined
}

const SOURCES = /\/node-v(\d{1,3}\.\d{1,3}\.\d{1,3})\.tar/
