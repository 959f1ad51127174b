import { expect, test } from 'vitest'
import type { FlagTable } from '../../settings/flag.ts'
import { commonFlags, flagHelp, readSettings, type Source } from '../../settings/flags.ts'
import { UsageError } from '../../settings/usage-error.ts'

const table = {
  ...commonFlags,
  'web.listen-address': {
    type: 'string',
    multiple: true,
    form: 'address',
    default: ['127.0.0.1:9790'],
    value: 'ADDRESS',
    help: 'Address.',
  },
  'collector.pressure': { type: 'boolean', default: true, help: 'Read pressure.' },
  'store.path': { type: 'string', form: 'path', default: 'data', help: 'Directory.' },
  interval: { type: 'string', form: 'duration', default: '10s', help: 'Time between passes.' },
  'push.url': { type: 'string', form: 'url', help: 'Where to push.' },
  ignored: { type: 'string', form: 'regexp', help: 'Devices to ignore.' },
} as const satisfies FlagTable

const source = (args: string[], env: Source['env'] = {}, file = ''): Source => ({
  args,
  env,
  readFile: () => file,
})
const read = (...a: Parameters<typeof source>) => readSettings(table, source(...a))
const problems = async (...a: Parameters<typeof source>): Promise<readonly string[]> => {
  try {
    await read(...a)
  } catch (error) {
    if (error instanceof UsageError) return error.problems
    throw error
  }
  throw new Error('no problem found')
}

test('defaults, lists, negatives', async () => {
  expect((await read([])).settings).toMatchObject({
    'web.listen-address': ['127.0.0.1:9790'],
    'collector.pressure': true,
    interval: '10s',
    'push.url': undefined,
  })
  const { settings } = await read([
    '--web.listen-address=:9100',
    '--web.listen-address',
    '[::1]:9100',
    '--no-collector.pressure',
  ])
  expect(settings['web.listen-address']).toEqual([':9100', '[::1]:9100'])
  expect(settings['collector.pressure']).toBe(false)
})

test('flag wins over environment, environment over file, file over default', async () => {
  const file = 'store: {path: from-file}\ninterval: 1s\n"push.url": http://file\n'
  const env = { CANDOR_STORE_PATH: 'from-env', CANDOR_INTERVAL: '2s' }
  const { settings, origins } = await read(['--config.file=x.yml', '--interval=3s'], env, file)
  expect([settings['store.path'], settings.interval, settings['push.url']]).toEqual([
    'from-env',
    '3s',
    'http://file',
  ])
  expect([
    origins['store.path'],
    origins.interval,
    origins['push.url'],
    origins['log.level'],
  ]).toEqual(['environment', 'flag', 'file', 'default'])
})

const wrong: [string, string[], string][] = [
  ['mistyped flag', ['--store.pth=x'], 'unknown flag --store.pth, did you mean "--store.path"?'],
  ['flag of nobody', ['--zzzzzzzzzzzzzzz'], 'unknown flag --zzzzzzzzzzzzzzz'],
  ['prototype', ['--constructor'], 'unknown flag --constructor'],
  ['no value', ['--push.url'], '--push.url: needs a value, a URL such as http://127.0.0.1:9093'],
  [
    'bad duration',
    ['--interval=10x'],
    '--interval: expected a duration such as 10s or 1h30m, found "10x"',
  ],
  [
    'zero duration',
    ['--interval=0s'],
    '--interval: expected a duration such as 10s or 1h30m, found "0s"',
  ],
  [
    'bad regular expression',
    ['--ignored=veth('],
    '--ignored: expected a regular expression, found "veth("',
  ],
  [
    'bad choice',
    ['--log.level=warning'],
    '--log.level: expected one of debug, info, warn, error, found "warning"',
  ],
  [
    'near choice',
    ['--log.level=inof'],
    '--log.level: expected one of debug, info, warn, error, found "inof", did you mean "info"?',
  ],
  [
    'bad address',
    ['--web.listen-address=9790'],
    '--web.listen-address: expected an address such as 127.0.0.1:9790 or :9790, found "9790"',
  ],
  ['negated text', ['--no-interval'], 'unknown flag --no-interval, did you mean "--interval"?'],
]
test.each(wrong)('%s', async (_, args, want) => {
  expect(await problems(args)).toEqual([want])
})

test('all problems of a settings file at once, each with line and column', async () => {
  const file = 'store:\n  pth: x\n  path: [a, b]\nintervall: 1s\ninterval: ten\nlog: high\n'
  expect(await problems(['--config.file=agent.yml'], {}, file)).toEqual([
    'agent.yml:2:3: unknown setting "store.pth", did you mean "store.path"?',
    'agent.yml:3:9: store.path: expected one value, found a list',
    'agent.yml:4:1: unknown setting "intervall", did you mean "interval"?',
    'agent.yml:5:11: interval: expected a duration such as 10s or 1h30m, found "ten"',
    'agent.yml:6:1: log: expected settings below it, found a value',
  ])
})

test('a file that is not YAML says where', async () => {
  expect((await problems(['--config.file=a.yml'], {}, 'a: [1\nb: 2'))[0]).toMatch(/^a\.yml:2:\d+: /)
})

test('an empty file sets nothing', async () => {
  const { settings } = await read(['--config.file=a.yml'], {}, '# nothing\n')
  expect(settings.interval).toBe('10s')
})

test('aliases are not followed', async () => {
  expect(
    await problems(['--config.file=a.yml'], {}, 'interval: &x 1s\nstore: {path: *x}\n'),
  ).toEqual(['a.yml:2:15: store.path: expected a value, found a structure'])
})

test('help names every flag with its default', async () => {
  const help = flagHelp(table)
  for (const name of Object.keys(table)) expect(help).toContain(name)
  expect(help).toContain('--[no-]collector.pressure')
  expect(help).toContain('(10s)')
})
