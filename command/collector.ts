/** `candor collector`: receives, stores, judges and tells until it is told to stop. */
import { collectorFlags, collectorOptions } from '../collector/flags.ts'
import { runCollector } from '../collector/main.ts'
import type { Settings } from '../settings/flags.ts'
import { makeLog } from '../settings/log.ts'
import { untilSignal } from './until-signal.ts'

export { collectorFlags }

export async function collectorCommand(settings: Settings<typeof collectorFlags>): Promise<number> {
  const log = makeLog({ level: settings['log.level'], format: settings['log.format'] })
  const collector = await runCollector(collectorOptions(settings, log))
  process.stdout.write(
    [
      `store    ${collector.store}`,
      `otlp     ${collector.otlpUrl}/v1/metrics`,
      `console  ${collector.consoleUrl}/`,
      '',
    ].join('\n'),
  )
  log.info({ signal: await untilSignal() }, 'collector stops')
  await collector.stop()
  return 0
}
