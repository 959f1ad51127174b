/**
 * `candor jvm inspect PID`: one JVM, as closely as can be. Its memory is read without asking for a
 * setting, since a person names the process. With --attach it is asked as well; nothing else of this
 * product ever asks a JVM, starts a process or sends a signal.
 */
import type { FlagTable } from '../settings/flag.ts'
import type { Settings } from '../settings/flags.ts'
import { UsageError } from '../settings/usage-error.ts'
import { attach, ATTACH_COMMANDS, type AttachCommand } from './jvm-attach.ts'
import { describeAnswer, describeJvm } from './jvm-report.ts'
import { type OneJvm, readOneJvm } from './one-jvm.ts'
import { formatFlag, readingFlags } from './reading.ts'

export const jvmInspectFlags = {
  attach: {
    type: 'boolean',
    help: 'Ask the JVM as well, as jcmd does: by its socket in /tmp, if it runs for a minute or longer.',
  },
  'allow-signal': {
    type: 'boolean',
    help: 'Where it has no socket yet, make it open one by SIGQUIT. A JVM that may not be asked prints all its threads to its log instead.',
  },
  command: {
    type: 'string',
    multiple: true,
    choices: Object.keys(ATTACH_COMMANDS),
    default: ['VM.version', 'VM.uptime', 'GC.heap_info'],
    value: 'NAME',
    help: 'What to ask. VM.native_memory tells something only of a JVM that was started with -XX:NativeMemoryTracking.',
  },
  format: formatFlag,
  'config.file': readingFlags['config.file'],
  'path.procfs': readingFlags['path.procfs'],
} as const satisfies FlagTable

const EXIT_OK = 0

export async function jvmInspect(
  settings: Settings<typeof jvmInspectFlags>,
  given: string,
): Promise<number> {
  if (!/^[1-9]\d{0,9}$/.test(given))
    throw new UsageError('ERR_BAD_FLAG', [`expected a pid, found ${JSON.stringify(given)}`])
  const procfs = settings['path.procfs']
  const jvm = await readOneJvm(procfs, Number(given))
  if (settings.format === 'text') process.stdout.write(`${describeJvm(jvm)}\n`)
  const answers = settings.attach ? askAll(settings, jvm) : []
  const asked: Record<string, string> = {}
  for await (const [command, answer] of answers) {
    asked[command] = answer
    if (settings.format === 'text') process.stdout.write(`\n${describeAnswer(command, answer)}\n`)
  }
  if (settings.format === 'json')
    process.stdout.write(`${JSON.stringify({ ...jvm, asked }, null, 2)}\n`)
  return EXIT_OK
}

async function* askAll(
  settings: Settings<typeof jvmInspectFlags>,
  { pid, startMs, startTicks }: OneJvm,
): AsyncGenerator<readonly [string, string]> {
  const allowSignal = settings['allow-signal']
  const target = { procfs: settings['path.procfs'], pid, startMs, startTicks, allowSignal }
  for (const command of settings.command)
    yield [command, await attach(target, command as AttachCommand)]
}
