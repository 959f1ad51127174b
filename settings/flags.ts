/**
 * One table a command says everything it can be told. Each row is a flag (`--store.path=data`), an
 * environment variable (`CANDOR_STORE_PATH`) and a line of the settings file (`store: {path: data}`);
 * the flag wins over the environment, the environment over the file, the file over the default.
 */
import { parseArgs } from 'node:util'
import { type Flag, type FlagTable, expectation, take, type Value } from './flag.ts'
import { didYouMean } from './suggest.ts'
import { UsageError } from './usage-error.ts'

type ValueOf<F extends Flag> = F['type'] extends 'boolean'
  ? boolean
  : F extends { multiple: true }
    ? readonly string[]
    : F extends { default: string }
      ? string
      : string | undefined
export type Settings<T extends FlagTable> = { readonly [K in keyof T]: ValueOf<T[K]> }

export type Origin = 'flag' | 'environment' | 'file' | 'default'

export interface Parsed<T extends FlagTable> {
  readonly settings: Settings<T>
  /** Where each value came from. */
  readonly origins: Readonly<Record<keyof T, Origin>>
  readonly positionals: readonly string[]
}

export interface Source {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Text of the settings file; throws where it cannot be read. */
  readonly readFile: (path: string) => string
}

/** Flags that every command takes. */
export const commonFlags = {
  'config.file': {
    type: 'string',
    form: 'path',
    value: 'FILE',
    help: 'Settings file (YAML): each flag is a setting in it.',
  },
  'log.level': {
    type: 'string',
    default: 'info',
    choices: ['debug', 'info', 'warn', 'error'],
    value: 'LEVEL',
    help: 'Least severe messages to log.',
  },
  'log.format': {
    type: 'string',
    default: 'logfmt',
    choices: ['logfmt', 'json'],
    value: 'FORMAT',
    help: 'Form of log lines on stderr.',
  },
} as const satisfies FlagTable

export const environmentName = (flag: string): string =>
  `CANDOR_${flag.replace(/[.-]/g, '_').toUpperCase()}`

/** Values of a table from all sources; throws UsageError with every problem at once. */
export async function readSettings<T extends FlagTable>(
  table: T,
  source: Source,
): Promise<Parsed<T>> {
  const problems: string[] = []
  const { given, positionals } = readFlags(table, source.args, problems)
  const environment = readEnvironment(table, source.env, problems)
  const file = given.get('config.file') ?? environment.get('config.file')
  const fromFile = new Map<string, Value>()
  if (typeof file === 'string') {
    // The YAML parser is loaded by those alone who have a file: it costs an agent 8 MiB.
    const { readSettingsFile } = await import('./settings-file.ts')
    readSettingsFile(file, source.readFile, table, fromFile, problems)
  }
  if (problems.length > 0) {
    const unknown = problems.some((problem) => problem.startsWith('unknown flag'))
    throw new UsageError(
      unknown ? 'ERR_UNKNOWN_FLAG' : fromFile.size > 0 ? 'ERR_BAD_CONFIG' : 'ERR_BAD_FLAG',
      problems,
    )
  }
  const isSet = (name: string | undefined): boolean =>
    name !== undefined &&
    [given, environment, fromFile].find((values) => values.has(name))?.get(name) === true
  const settings: Record<string, Value | undefined> = {}
  const origins: Record<string, Origin> = {}
  for (const [name, flag] of Object.entries(table)) {
    const [value, origin] = given.has(name)
      ? [given.get(name), 'flag' as const]
      : environment.has(name)
        ? [environment.get(name), 'environment' as const]
        : fromFile.has(name)
          ? [fromFile.get(name), 'file' as const]
          : [
              isSet(flag.offWith)
                ? false
                : (flag.default ??
                  (flag.type === 'boolean' ? false : flag.multiple ? [] : undefined)),
              'default' as const,
            ]
    settings[name] = value
    origins[name] = origin
  }
  return {
    settings: settings as Settings<T>,
    origins: origins as Record<keyof T, Origin>,
    positionals,
  }
}

function readFlags(
  table: FlagTable,
  args: readonly string[],
  problems: string[],
): { given: Map<string, Value>; positionals: readonly string[] } {
  const given = new Map<string, Value>()
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { type }]) => [name, { type, multiple: true as const }]),
  )
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowNegative: true,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const { name } = token
    const negative = token.rawName.startsWith('--no-') && !name.startsWith('no-')
    const flag = Object.hasOwn(table, name) ? table[name] : undefined
    if (flag === undefined || (negative && flag.type !== 'boolean')) {
      const known = ['--help', '--version', ...Object.keys(table).map((each) => `--${each}`)]
      problems.push(
        `unknown flag ${token.rawName}${didYouMean(negative ? `--${name}` : token.rawName, known)}`,
      )
    } else if (flag.type === 'boolean') {
      const value = negative ? 'false' : (token.value ?? 'true')
      take(given, name, flag, value, `--${name}`, problems)
    } else if (token.value === undefined) {
      problems.push(`--${name}: needs a value, ${expectation(flag)}`)
    } else {
      take(given, name, flag, token.value, `--${name}`, problems)
    }
  }
  return { given, positionals }
}

function readEnvironment(
  table: FlagTable,
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Map<string, Value> {
  const values = new Map<string, Value>()
  for (const [name, flag] of Object.entries(table)) {
    const variable = environmentName(name)
    const text = env[variable]
    if (text === undefined || text === '') continue
    for (const item of flag.multiple ? text.split(',') : [text]) {
      take(values, name, flag, item, variable, problems)
    }
  }
  return values
}

/** The flags of a table as --help prints them. */
export function flagHelp(table: FlagTable): string {
  const rows = Object.entries(table).map(([name, flag]) => {
    const left =
      flag.type === 'boolean'
        ? `--${flag.default === true ? '[no-]' : ''}${name}`
        : `--${name}=${flag.value ?? 'VALUE'}`
    const shown = Array.isArray(flag.default) ? flag.default.join(', ') : flag.default
    const right = [
      flag.help,
      flag.choices === undefined ? '' : `One of: ${flag.choices.join(', ')}.`,
      flag.multiple ? 'Repeatable.' : '',
      typeof shown === 'string' ? `(${shown})` : '',
    ]
    return [left, right.filter((part) => part !== '').join(' ')] as const
  })
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)))
  return rows
    .map(([left, right]) =>
      left.length > width
        ? `  ${left}\n  ${' '.repeat(width)}  ${right}`
        : `  ${left.padEnd(width)}  ${right}`,
    )
    .join('\n')
}
