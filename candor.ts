#!/usr/bin/env node
/**
 * `candor` and its commands: the only file that knows all of them.
 * Each is imported when it is asked for, so that an agent never loads what only a collector needs.
 */
import { readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { styleText } from 'node:util'
import { type ErrorCode, errors } from './catalog/error.ts'
import type { FlagTable } from './settings/flag.ts'
import { flagHelp, readSettings, type Settings } from './settings/flags.ts'
import { didYouMean } from './settings/suggest.ts'
import { UsageError } from './settings/usage-error.ts'
import { VERSION } from './settings/version.ts'

interface Command {
  readonly summary: string
  readonly examples: readonly string[]
  /** Ends with 3 when it found something. */
  readonly finds?: true
  readonly load: () => Promise<Loaded>
}

interface Loaded {
  readonly flags: FlagTable
  /** What stands for the one argument in --help; without it the command takes none. */
  readonly argument?: string
  /** Resolves with the exit code when the command is over. */
  readonly run: (settings: Settings<FlagTable>, argument: string) => Promise<number>
}

/** A command's flags and its function, whose type says that they belong together. */
const loaded = <T extends FlagTable>(
  flags: T,
  run: (settings: Settings<T>, argument: string) => Promise<number>,
  argument?: string,
): Loaded => ({
  flags,
  ...(argument !== undefined && { argument }),
  run: (settings, given) => run(settings as unknown as Settings<T>, given),
})

const commands: Readonly<Record<string, Command>> = {
  '': {
    summary: 'Agent, collector and embedded store in one process, for this machine.',
    examples: ['candor', 'candor --slo.file=slo.yaml --alertmanager.url=http://127.0.0.1:9093'],
    load: async () => {
      const { together, togetherFlags } = await import('./command/together.ts')
      return loaded(togetherFlags, (settings) => together(settings))
    },
  },
  demo: {
    summary:
      'The same beside a small cell of made-up machines, in which there is something to find.',
    examples: ['candor demo', 'candor demo --demo.machines=100'],
    load: async () => {
      const { demo, demoFlags } = await import('./command/demo.ts')
      return loaded(demoFlags, (settings) => demo(settings))
    },
  },
  agent: {
    summary: 'Read this machine, serve Prometheus, push OTLP.',
    examples: ['candor agent', 'candor agent --push.url=http://127.0.0.1:4318'],
    load: async () => {
      // Before all else: what hundreds of modules need to be loaded would be compiled for speed.
      await import('./command/small-process.ts')
      const { agentCommand } = await import('./command/agent.ts')
      const { agentFlags } = await import('./agent/flags.ts')
      return loaded(agentFlags, agentCommand)
    },
  },
  collector: {
    summary: 'Receive OTLP, store it, evaluate SLOs and findings, alert.',
    examples: ['candor collector', 'candor collector --store.url=http://127.0.0.1:8123'],
    load: async () => {
      const { collectorCommand, collectorCommandFlags } = await import('./command/collector.ts')
      return loaded(collectorCommandFlags, collectorCommand)
    },
  },
  check: {
    summary: 'Look at this machine once; exit 3 from a warning on.',
    examples: ['candor check', 'candor check --format=json --fail-on=high'],
    finds: true,
    load: async () => {
      const { check, checkFlags } = await import('./command/check.ts')
      return loaded(checkFlags, (settings) => check(settings))
    },
  },
  runtimes: {
    summary:
      'List runtimes: what each believes, what is enforced, the fix; exit 3 from a warning on.',
    examples: ['candor runtimes', 'candor runtimes --collector.url=http://127.0.0.1:9791'],
    finds: true,
    load: async () => {
      const { runtimes, runtimesFlags } = await import('./command/runtimes.ts')
      return loaded(runtimesFlags, (settings) => runtimes(settings))
    },
  },
  query: {
    summary: 'Ask a collector in PromQL: a table of values, or the course of each series.',
    examples: [
      "candor query 'sum by (instance) (rate(node_cpu_seconds_total[5m]))'",
      "candor query --range=1h --step=15s 'container_memory_working_set_bytes'",
    ],
    load: async () => {
      const { query, queryFlags } = await import('./command/query.ts')
      return loaded(queryFlags, query, 'EXPR')
    },
  },
  sql: {
    summary: 'Ask a store that no collector has open in SQL, which only reads.',
    examples: [
      "candor sql 'SELECT image, sum(memory_working_set_bytes) FROM containers GROUP BY image'",
      'candor sql --format=csv - < report.sql',
    ],
    load: async () => {
      const { sql, sqlFlags } = await import('./command/sql.ts')
      return loaded(sqlFlags, sql, 'SQL')
    },
  },
  'jvm inspect': {
    summary:
      'One JVM as closely as can be: figures, flags that size it and who set them, what its build can do.',
    examples: ['candor jvm inspect 4242', 'candor jvm inspect 4242 --attach --command=VM.flags'],
    load: async () => {
      const { jvmInspect, jvmInspectFlags } = await import('./command/jvm-inspect.ts')
      return loaded(jvmInspectFlags, jvmInspect, 'PID')
    },
  },
  'store stats': {
    summary: 'What a store holds by table, its size a sample, and how it will grow.',
    examples: ['candor store stats', 'candor store stats --format=json'],
    load: async () => {
      const { statsFlags, storeStats } = await import('./command/store.ts')
      return loaded(statsFlags, storeStats)
    },
  },
  'store compact': {
    summary: 'Merge what is no longer written to, so that it takes less room.',
    examples: ['candor store compact --max-time=1h'],
    load: async () => {
      const { compactFlags, storeCompact } = await import('./command/store.ts')
      return loaded(compactFlags, storeCompact)
    },
  },
  'store export': {
    summary: 'Write a table, or a range of time of it, to a Parquet file.',
    examples: ['candor store export container --from=2026-06-01 --to=2026-06-02'],
    load: async () => {
      const { exportFlags, storeExport } = await import('./command/store.ts')
      return loaded(exportFlags, storeExport, 'TABLE')
    },
  },
  'store backup': {
    summary: 'Copy an embedded store to a directory that does not exist yet.',
    examples: ['candor store backup /backup/2026-06-01'],
    load: async () => {
      const { backupFlags, storeBackup } = await import('./command/store.ts')
      return loaded(backupFlags, storeBackup, 'DIRECTORY')
    },
  },
  'store restore': {
    summary: 'Make an embedded store out of such a copy, where there is none.',
    examples: ['candor store restore --store.path=data /backup/2026-06-01'],
    load: async () => {
      const { backupFlags, storeRestore } = await import('./command/store.ts')
      return loaded(backupFlags, storeRestore, 'DIRECTORY')
    },
  },
  diff: {
    summary: 'Compare what an exporter shows with what we read; exit 3 on differences.',
    examples: ['candor diff http://127.0.0.1:9100/metrics'],
    finds: true,
    load: async () => {
      const { diff, diffFlags } = await import('./command/diff.ts')
      return loaded(diffFlags, diff, 'URL')
    },
  },
  cardinality: {
    summary: 'Count the series of this machine, by family.',
    examples: ['candor cardinality', 'candor cardinality --collector.interrupts'],
    load: async () => {
      const { cardinality, cardinalityFlags } = await import('./command/cardinality.ts')
      return loaded(cardinalityFlags, cardinality)
    },
  },
}

const exitCodes = ({ finds }: Command) =>
  `Exit codes: 0 ok, 1 failure, 2 wrong use${finds ? ', 3 found something' : ''}.`

function help(name: string, command: Command, { flags, argument }: Loaded): string {
  const { summary, examples } = command
  const words = [
    'candor',
    name === '' ? '[COMMAND]' : name,
    '[FLAGS]',
    ...(argument ? [argument] : []),
  ]
  const head = words.join(' ')
  const others =
    name === ''
      ? [
          'Commands:',
          ...Object.entries(commands).map(
            ([each, other]) => `  ${(each || '(none)').padEnd(11)}  ${other.summary}`,
          ),
          '',
        ]
      : []
  return [
    `${head}\n${summary}\n`,
    'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
    ...others,
    'Flags (each also as CANDOR_… in the environment and as a line of the settings file):',
    flagHelp(flags),
    `  ${'--help'.padEnd(34)}  This text.`,
    `  ${'--version'.padEnd(34)}  Version of candor and of Node.js.`,
    '',
    exitCodes(command),
  ].join('\n')
}

/** For the first word of a command that has two. */
const longer = (name: string, known: readonly string[]): string => {
  const command = known.find((each) => each.startsWith(`${name} `))
  return command === undefined ? '' : `, did you mean "${command}"?`
}

async function main(args: readonly string[]): Promise<number> {
  const [first] = args
  const named = first !== undefined && !first.startsWith('-')
  const two = args.slice(0, 2).join(' ')
  const words = Object.hasOwn(commands, two) ? 2 : 1
  const name = words === 2 ? two : named && first !== 'help' ? first : ''
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  const rest = first === 'help' ? ['--help'] : named ? args.slice(words) : args
  if (command === undefined) {
    const known = Object.keys(commands).filter((each) => each !== '')
    throw new UsageError('ERR_BAD_FLAG', [
      `unknown command ${JSON.stringify(name)}${didYouMean(name, known) || longer(name, known)}`,
    ])
  }
  if (rest.includes('--version')) {
    process.stdout.write(`candor ${VERSION} (Node.js ${process.version})\n`)
    return 0
  }
  const found = await command.load()
  const { flags, argument, run } = found
  // Kept now, where a compile cache is on: a process that is killed writes nothing at its end.
  flushCompileCache()
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(`${help(name, command, found)}\n`)
    return 0
  }
  const { settings, positionals } = await readSettings(flags, {
    args: rest,
    env: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
  })
  const [given = '', ...unexpected] = argument === undefined ? ['', ...positionals] : positionals
  if (unexpected.length > 0) {
    throw new UsageError('ERR_BAD_FLAG', [`unexpected argument ${JSON.stringify(unexpected[0])}`])
  }
  if (argument !== undefined && given === '') {
    throw new UsageError('ERR_BAD_FLAG', [`expected one argument: ${argument}`])
  }
  return run(settings, given)
}

const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(errors, code)

/** Errors that a person can act on are printed with their cure, others with their stack. */
function report(error: unknown): number {
  const { code, message } = error as { code?: unknown; message?: unknown }
  const known = isErrorCode(code)
  const lines = error instanceof UsageError ? error.problems : [String(message)]
  for (const line of lines) {
    process.stderr.write(`${styleText('red', 'candor:', { stream: process.stderr })} ${line}\n`)
  }
  if (error instanceof UsageError) {
    process.stderr.write('Try --help.\n')
    return 2
  }
  process.stderr.write(`${known ? errors[code].cure : ((error as Error).stack ?? '')}\n`)
  return 1
}

// Who reads may leave first: `candor check | head` is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await main(process.argv.slice(2)).catch(report)
