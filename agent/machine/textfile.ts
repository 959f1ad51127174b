/**
 * Metrics that others write into files, handed on as they are.
 *
 * Source: *.prom below each --collector.textfile.directory, in the text exposition format; written to
 *         another name first and renamed, since a file is read whenever a pass comes by
 *
 * One wrong file costs its own metrics and no others. Wrong is what node_exporter takes for wrong: a
 * line that is not of the format, a timestamp, a series or a type that another file has said already,
 * a name that is the agent's own.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { limits } from '../../catalog/limit.ts'
import { machineTextfile, machineTextfileError } from '../../catalog/tables/machine-textfile.ts'
import { tables } from '../../catalog/tables.ts'
import { parseExposition, type ParsedFamily, seriesKey } from '../../wire/parse-exposition.ts'
import { emptyRow, type ForeignFamily } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { rowOf } from '../read/row-of.ts'
import type { MachineContext, MachineReader, Read } from './reader.ts'

const DIRECTORY = 'collector.textfile.directory'
const NO_DIRECTORY = ': is no directory'

const PARSE_LIMITS = {
  samples: limits.textfileSamples.value,
  labels: limits.pointAttributes.value,
  labelBytes: limits.labelBytes.value,
}

/** Names that the agent itself says something under. */
const ownNames = new Set(tables.flatMap(({ metrics }) => metrics.map(({ prom }) => prom)))

/** What a file said when it was written last. */
interface Known {
  /** Tells one version of the file from another. */
  readonly version: string
  readonly mtimeMs: number
  readonly families: readonly ParsedFamily[]
}

/** A file that may not be handed on; the message says which and why. */
class WrongFile extends Error {
  override readonly name = 'WrongFile'
}

/** Families of the files so far, by name. */
class Families {
  readonly #families = new Map<
    string,
    ForeignFamily & { samples: ParsedFamily['samples'][number][] }
  >()
  readonly #series = new Set<string>()

  get all(): readonly ForeignFamily[] {
    return [...this.#families.values()]
  }

  /** All families of a file or, where one does not fit, none. */
  add(path: string, families: readonly ParsedFamily[]): void {
    const series = new Set<string>()
    for (const family of families) {
      this.#check(family)
      for (const { name, labels } of family.samples) series.add(seriesKey(name, labels))
    }
    const twice = [...series].find((key) => this.#series.has(key))
    if (twice !== undefined) throw new WrongFile(`${twice} is in another file too`)
    if (this.#series.size + series.size > PARSE_LIMITS.samples) {
      throw new WrongFile(`more than ${PARSE_LIMITS.samples} samples in all files`)
    }
    for (const key of series) this.#series.add(key)
    for (const { name, type, help = `Metric read from ${path}`, samples } of families) {
      const known = this.#families.get(name)
      if (known !== undefined) known.samples.push(...samples)
      else if (samples.length > 0) {
        this.#families.set(name, { name, type, help, samples: [...samples] })
      }
    }
  }

  #check({ name, type, samples }: ParsedFamily): void {
    const names = [name, ...samples.map((sample) => sample.name)]
    const mine = names.find((each) => ownNames.has(each))
    if (mine !== undefined) throw new WrongFile(`${mine} is a name of the agent's own`)
    const stamped = samples.find(({ timestampMs }) => timestampMs !== undefined)
    if (stamped !== undefined) throw new WrongFile(`${stamped.name} has a timestamp`)
    const known = this.#families.get(name)
    if (known !== undefined && known.type !== type) {
      throw new WrongFile(`${name} is a ${type}, and a ${known.type} in another file`)
    }
  }
}

/** Whoever may write there may put a FIFO in a file's place: nothing is waited for. */
function readFile(path: string, known: Known | undefined): Known {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw new WrongFile('is no file')
    const version = [stat.mtimeMs, stat.ctimeMs, stat.size, stat.ino].join(' ')
    if (known?.version === version) return known
    const most = limits.fileBytes.value
    if (stat.size > most) throw new WrongFile(`has ${stat.size} bytes, more than ${most}`)
    const text = readFileSync(descriptor, 'utf8')
    return { version, mtimeMs: stat.mtimeMs, families: parseExposition(text, PARSE_LIMITS) }
  } finally {
    closeSync(descriptor)
  }
}

function textfiles({ files, machine, settings }: MachineContext): Read {
  const directories = (settings[DIRECTORY] as readonly string[] | undefined) ?? []
  const mtimes = new KeptRows(machineTextfile, machine)
  const error = emptyRow(machineTextfileError, machine)
  let known: ReadonlyMap<string, Known> = new Map()

  return () => {
    const families = new Families()
    const wrong: string[] = []
    const read = new Map<string, Known>()
    mtimes.begin()
    for (const path of pathsIn(files, directories, wrong)) {
      try {
        const file = readFile(path, known.get(path))
        families.add(path, file.families)
        read.set(path, file)
        rowOf(mtimes, path)[0] = Math.floor(file.mtimeMs / 1000)
      } catch (reason) {
        wrong.push(`${path}: ${(reason as Error).message}`)
      }
    }
    known = read
    error.values[0] = wrong.length > 0 ? 1 : 0
    const reading = {
      rows: [...mtimes.finish(), error],
      machine: false,
      foreign: families.all,
    }
    const [first, ...more] = wrong
    if (first === undefined) return reading
    const reason = more.length === 0 ? first : `${first} (and ${more.length} more)`
    const cure = first.endsWith(NO_DIRECTORY)
      ? `make the directory, or change --${DIRECTORY}`
      : 'mend the file; the others are handed on'
    return { ...reading, lacks: { reason, cure } }
  }
}

/** In the order of the directories, and of names in each. */
function pathsIn(files: KernelFiles, directories: readonly string[], wrong: string[]): string[] {
  const paths: string[] = []
  for (const directory of directories) {
    if (files.stat(directory)?.isDirectory() !== true) wrong.push(`${directory}${NO_DIRECTORY}`)
    else {
      const names = files.names(directory).filter((name) => name.endsWith('.prom'))
      paths.push(...names.map((name) => `${directory.replace(/\/+$/, '')}/${name}`))
    }
  }
  const most = limits.textfiles.value
  if (paths.length > most) wrong.push(`${paths.length - most} files beyond the first ${most}`)
  return paths.slice(0, most)
}

export const textfile: MachineReader = {
  name: 'textfile',
  help: 'Metrics of others in *.prom files.',
  flags: {
    [DIRECTORY]: {
      type: 'string',
      form: 'path',
      multiple: true,
      value: 'DIRECTORY',
      help: 'Where *.prom files with metrics of others lie; repeatable.',
    },
  },
  open: textfiles,
}
