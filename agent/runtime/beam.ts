/**
 * BEAM, the virtual machine of Erlang and Elixir.
 *
 * Source: the path of beam.smp, …/erts-VERSION/bin; +S SCHEDULERS:ONLINE of erl(1), which the starter
 *         hands on as -S. The threads of the schedulers are as many as there are schedulers, online or
 *         not, and tell nothing of how many are.
 */
import type { Belief, Facts, PlainKind } from './kind.ts'
import { lineOf } from './printable.ts'
import type { Program } from './program.ts'
import { argumentOf } from './settings.ts'

export const beam: PlainKind = {
  describe: (program) => ({ 'candor.runtime.name': nodeOf(program), ...versionOf(program) }),
  believes: ({ program }) => ({ cpus: schedulersOnline(program) }),
}

/** Of releases since 17, OTP is the major version of its emulator and 12. */
const OTP_AHEAD = 12

function versionOf({ exe = '' }: Program): Facts {
  const [, version, major] = /\/erts-((\d{1,3})[\w.]{0,20})\/bin\//.exec(exe) ?? []
  return version === undefined
    ? {}
    : {
        'process.runtime.version': String(Number(major) + OTP_AHEAD),
        'process.runtime.description': `erts ${version}`,
      }
}

/** What it calls itself among others, without its host. */
function nodeOf({ words }: Program): string {
  const at = words.findIndex((word) => word === '-sname' || word === '-name')
  const name = at < 0 ? undefined : words[at + 1]?.split('@', 1)[0]
  return lineOf(name ?? '') ?? 'beam'
}

function schedulersOnline({ arguments: given = [], environment }: Program): Belief | undefined {
  const more = ['ERL_AFLAGS', 'ERL_FLAGS', 'ERL_ZFLAGS'].flatMap(
    (name) => environment?.get(name)?.split(/ (?=\+)/) ?? [],
  )
  const text = argumentOf(given, '+S') ?? argumentOf(more, '+S') ?? ''
  const [, all, online = all] = /^(\d{1,4})(?::(\d{1,4}))?$/.exec(text) ?? []
  const value = Number(online ?? 0)
  return value > 0 ? { value, confidence: 'exact', source: '+S' } : undefined
}
