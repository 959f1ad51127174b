/** What every command takes that reads this machine itself, and the sampler made of it. */
import { agentFlags, enabledReaders, readerSettings } from '../agent/flags.ts'
import { Sampler } from '../agent/pass.ts'
import type { FlagTable } from '../settings/flag.ts'
import type { Settings } from '../settings/flags.ts'
import { makeLog } from '../settings/log.ts'
import { VERSION } from '../settings/version.ts'

const {
  'config.file': configFile,
  'log.format': logFormat,
  'path.procfs': procfs,
  'path.sysfs': sysfs,
  'path.cgroupfs': cgroupfs,
  'path.rootfs': rootfs,
  ...others
} = agentFlags
const readers = Object.fromEntries(
  Object.entries(others).filter(([name]) => name.startsWith('collector.')),
) as {
  [K in keyof typeof others as K extends `collector.${string}` ? K : never]: (typeof others)[K]
}

export const readingFlags = {
  'config.file': configFile,
  'path.procfs': procfs,
  'path.sysfs': sysfs,
  'path.cgroupfs': cgroupfs,
  'path.rootfs': rootfs,
  ...readers,
  'log.level': { ...others['log.level'], default: 'warn' },
  'log.format': logFormat,
} as const satisfies FlagTable

/** A page for people or for programs. */
export const formatFlag = {
  type: 'string',
  default: 'text',
  choices: ['text', 'json'],
  value: 'FORMAT',
  help: 'A page for people, or one JSON object.',
} as const

export function openSampler(settings: Settings<typeof readingFlags>): Sampler {
  const { 'path.cgroupfs': cgroupfs } = settings
  return new Sampler({
    procfs: settings['path.procfs'],
    sysfs: settings['path.sysfs'],
    ...(cgroupfs !== undefined && { cgroupfs }),
    rootfs: settings['path.rootfs'],
    readers: enabledReaders(settings),
    settings: readerSettings(settings),
    log: makeLog({ level: settings['log.level'], format: settings['log.format'] }),
    agentVersion: VERSION,
  })
}
