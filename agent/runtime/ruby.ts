/**
 * Ruby, and the servers that run it in several processes: puma, unicorn.
 * Source: the name of its library
 */
import type { PlainKind } from './kind.ts'
import type { Program } from './program.ts'
import { type Interpreter, scriptOf, titleOf } from './script.ts'

const RUBY: Interpreter = { withValue: ['-I', '-r', '-C', '-E'], inline: ['-e'] }
/** They write over their command line. */
const SERVERS = ['puma', 'unicorn', 'sidekiq', 'resque', 'Passenger'] as const

export const ruby: PlainKind = {
  describe: (program) => ({
    'candor.runtime.name':
      titleOf(program.words, SERVERS) ?? scriptOf(program.words, RUBY) ?? 'ruby',
    'process.runtime.version': versionOf(program),
  }),
}

const versionOf = ({ exe = '', maps }: Program): string | undefined =>
  [...maps.libraries, exe]
    .map((path) => /\/libruby[^/]*\.so\.(\d\.\d{1,2}\.\d{1,3})$|\/ruby-?(\d\.\d{1,2})$/.exec(path))
    .map((match) => match?.[1] ?? match?.[2])
    .find((version) => version !== undefined)
