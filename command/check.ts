/**
 * `candor check`: a few passes of this machine, then what was found. Exit 0 clean, 3 with
 * findings as grave as `--fail-on` says, 1 when the machine could not be read, or is not Linux: then
 * nothing was judged.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { AgentPass, Sampler } from '../agent/pass.ts'
import { type RuntimeVerdict, VERDICTS } from '../judge/runtime-list.ts'
import type { FlagTable } from '../settings/flag.ts'
import type { Settings } from '../settings/flags.ts'
import { parseDuration } from '../settings/duration.ts'
import { type Earlier, rememberPass } from './fleet-of-passes.ts'
import { type Picture, takePicture } from './picture.ts'
import { formatFlag, openSampler, readingFlags } from './reading.ts'
import { describe } from './report.ts'

export const checkFlags = {
  format: formatFlag,
  duration: {
    type: 'string',
    form: 'duration',
    default: '2s',
    value: 'TIME',
    help: 'Time between the first and the last pass, over which rates are taken.',
  },
  'fail-on': {
    type: 'string',
    default: 'warning',
    choices: ['critical', 'high', 'warning', 'info'],
    value: 'SEVERITY',
    help: 'Exit 3 for findings that are at least so grave; what is milder is told all the same.',
  },
  ...readingFlags,
} as const satisfies FlagTable

export const EXIT_CLEAN = 0
export const EXIT_FAILED = 1
export const EXIT_FOUND = 3

/** Whether a verdict is as grave as that; one that is no finding never is. */
export function reaches(
  verdict: RuntimeVerdict,
  { 'fail-on': least }: Pick<Settings<typeof checkFlags>, 'fail-on'>,
): boolean {
  return VERDICTS.indexOf(verdict) <= VERDICTS.findIndex((each) => each === least)
}

const PASSES = 3

/** Passes of this machine, spread over `durationMs`; of the first what is kept of it. */
export async function takePasses(
  sampler: Sampler,
  durationMs: number,
): Promise<readonly [Earlier, AgentPass]> {
  const earlier = rememberPass(sampler.pass(Date.now()))
  for (let pass = 1; ; pass++) {
    await wait(durationMs / (PASSES - 1))
    const latest = sampler.pass(Date.now())
    if (pass === PASSES - 1) return [earlier, latest]
  }
}

export const lookAt = async (sampler: Sampler, durationMs: number): Promise<Picture> =>
  takePicture(...(await takePasses(sampler, durationMs)))

export async function check(
  settings: Settings<typeof checkFlags>,
  platform: string = process.platform,
): Promise<number> {
  if (platform !== 'linux') return checkElsewhere(settings.format)
  const sampler = openSampler(settings)
  try {
    const picture = await lookAt(sampler, parseDuration(settings.duration)!)
    process.stdout.write(
      settings.format === 'json'
        ? `${JSON.stringify(picture, null, 2)}\n`
        : `${describe(picture)}\n`,
    )
    // A machine that could not be read is not a clean one.
    const { cpus, memoryBytes } = picture.machine
    if (cpus === undefined && memoryBytes === undefined) return EXIT_FAILED
    const isGrave = picture.findings.some(({ severity }) => reaches(severity, settings))
    return isGrave ? EXIT_FOUND : EXIT_CLEAN
  } finally {
    sampler.close()
  }
}

/** The machine's totals are no clean bill: nothing was judged. */
async function checkElsewhere(format: string): Promise<number> {
  const { describeElsewhere, lookElsewhere } = await import('./elsewhere.ts')
  const machine = await lookElsewhere()
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(machine, null, 2)}\n` : `${describeElsewhere(machine)}\n`,
  )
  return EXIT_FAILED
}
