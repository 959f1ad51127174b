/** docs/config.md: what agent and collector can be told, as flag, environment and settings file. */
import { collectorFlags } from '../../collector/flags.ts'
import { environmentName, type Flag, type FlagTable } from '../../settings/flags.ts'
import { code, page, table } from './table.ts'

function value({ default: fallback, type }: Flag): string {
  if (fallback === undefined) return type === 'boolean' ? code('false') : ''
  return [fallback].flat().map(String).map(code).join(', ')
}

const section = (title: string, flags: FlagTable) =>
  [
    `## ${title}`,
    table(
      ['Flag', 'Environment', 'Default', 'Meaning'],
      Object.entries<Flag>(flags).map(([name, flag]) => [
        code(flag.type === 'boolean' ? `--[no-]${name}` : `--${name}=${flag.value ?? 'VALUE'}`),
        code(environmentName(name)),
        value(flag),
        [
          flag.help,
          flag.choices && `One of ${flag.choices.map(code).join(', ')}.`,
          flag.multiple && 'Repeatable.',
        ]
          .filter(Boolean)
          .join(' '),
      ]),
    ),
  ].join('\n\n')

export const configPage = (): string =>
  page(
    'Configuration',
    'Each setting is a flag, an environment variable and a line of the settings file: the dots of a flag are levels of the YAML file (`--store.path=data` is `store: {path: data}`). The flag wins over the environment, the environment over the file, the file over the default.',
    section('Collector', collectorFlags),
  )
