/** docs/config.md: what each command can be told, as flag, environment and settings file. */
import { agentFlags } from '../../agent/flags.ts'
import { checkFlags } from '../../command/check.ts'
import { collectorCommandFlags } from '../../command/collector.ts'
import { demoFlags } from '../../command/demo.ts'
import { jvmInspectFlags } from '../../command/jvm-inspect.ts'
import { queryFlags } from '../../command/query.ts'
import { runtimesFlags } from '../../command/runtimes.ts'
import { sqlFlags } from '../../command/sql.ts'
import { backupFlags, compactFlags, exportFlags, statsFlags } from '../../command/store.ts'
import { togetherFlags } from '../../command/together.ts'
import type { Flag, FlagTable } from '../../settings/flag.ts'
import { environmentName } from '../../settings/flags.ts'
import { code, page, table } from './table.ts'

const commands: Readonly<Record<string, FlagTable>> = {
  candor: togetherFlags,
  'candor demo': demoFlags,
  'candor agent': agentFlags,
  'candor collector': collectorCommandFlags,
  'candor check': checkFlags,
  'candor runtimes': runtimesFlags,
  'candor query': queryFlags,
  'candor sql': sqlFlags,
  'candor jvm inspect': jvmInspectFlags,
  'candor store stats': statsFlags,
  'candor store compact': compactFlags,
  'candor store export': exportFlags,
  'candor store backup': backupFlags,
  'candor store restore': backupFlags,
}

interface Line {
  readonly name: string
  readonly flag: Flag
  readonly commands: string[]
}

/** A line a flag; a flag that is not the same everywhere has a line for each form of it. */
function lines(): readonly Line[] {
  const found = new Map<string, Line>()
  for (const [command, flags] of Object.entries(commands)) {
    for (const [name, flag] of Object.entries(flags)) {
      const key = JSON.stringify([name, flag])
      const line = found.get(key) ?? { name, flag, commands: [] }
      line.commands.push(command)
      found.set(key, line)
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function fallback({ default: value, type }: Flag): string {
  if (value === undefined) return type === 'boolean' ? code('false') : ''
  return [value].flat().map(String).map(code).join(', ')
}

const meaning = ({ help, choices, multiple }: Flag) =>
  [help, choices && `One of ${choices.map(code).join(', ')}.`, multiple && 'Repeatable.']
    .filter(Boolean)
    .join(' ')

const row = ({ name, flag, commands: takers }: Line) => [
  code(flag.type === 'boolean' ? `--[no-]${name}` : `--${name}=${flag.value ?? 'VALUE'}`),
  code(environmentName(name)),
  fallback(flag),
  takers.length === Object.keys(commands).length ? 'all' : takers.map(code).join(', '),
  meaning(flag),
]

export const configPage = (): string =>
  page(
    'Configuration',
    'Each setting is a flag, an environment variable and a line of the settings file: the dots of a flag are levels of the YAML file (`--store.path=data` is `store: {path: data}`). The flag wins over the environment, the environment over the file, the file over the default.',
    table(['Flag', 'Environment', 'Default', 'Commands', 'Meaning'], lines().map(row)),
  )
