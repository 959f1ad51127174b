/** `candor agent`: reads this machine until it is told to stop. */
import { agentFlags, agentOptions } from '../agent/flags.ts'
import { listReaders } from '../agent/list-readers.ts'
import { runAgent } from '../agent/main.ts'
import type { Settings } from '../settings/flags.ts'
import { makeLog } from '../settings/log.ts'
import { untilSignal } from './until-signal.ts'

export { agentFlags }

export async function agentCommand(settings: Settings<typeof agentFlags>): Promise<number> {
  const log = makeLog({ level: settings['log.level'], format: settings['log.format'] })
  const options = agentOptions(settings, log)
  if (settings['list-readers']) {
    process.stdout.write(await listReaders(options, settings.format))
    return 0
  }
  const agent = await runAgent(options)
  for (const url of agent.urls) process.stdout.write(`agent    ${url}/metrics\n`)
  log.info({ signal: await untilSignal() }, 'agent stops')
  await agent.stop()
  return 0
}
